/* All decoders run in the same loop (feed): a step consumes input and produces output
 * until the input is used up and output room is left, so that no data remains inside the
 * decoder.  When out is full, a step gets one byte of scratch space: a stream that fits
 * exactly still ends, and a longer one writes to it. */
#include "wire/inflate.h"

#define ZLIB_CONST /* the input is not written to */
#include <brotli/decode.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/limits.h"

/* Sizes of a zstd frame's parts (RFC 8878, 3.1.1: magic number and header). */
#define FRAME_HEADER_MAX 18U

#define CHUNK_BYTES (16 * LIMIT_KIB)

enum stage {
    STAGE_EMPTY, /* no byte yet */
    STAGE_OPEN,  /* within the stream */
    STAGE_ENDED  /* complete, unless more bytes arrive */
};

struct inflate {
    enum inflate_coding coding;
    enum stage stage;
    uint64_t taken; /* compressed bytes of earlier feeds */
    bool sniffed;   /* deflate: zlib or raw has been decided */
    uint8_t held;   /* deflate: the first byte, until the second arrives */
    uint8_t scratch;
    bool z_ready;
    z_stream z;
    ZSTD_DStream *zstd;
    BrotliDecoderState *br;
    uint8_t *piece;     /* CHUNK_BYTES for a sink, if there is one */
    size_t frame_bytes; /* consumed of the current zstd frame */
};

struct window {
    const uint8_t *in;
    size_t in_bytes;
    uint8_t *out;
    size_t out_bytes;
    const char *why;
};

static const char *
coding_name(enum inflate_coding coding)
{
    switch (coding) {
    case INFLATE_IDENTITY:
        return "identity";
    case INFLATE_GZIP:
        return "gzip";
    case INFLATE_DEFLATE:
        return "deflate";
    case INFLATE_ZSTD:
        return "zstd";
    case INFLATE_BR:
        return "br";
    }
    return "unknown";
}

static int
too_large(size_t limit, struct error *e)
{
    return error_set(e, ERROR_TOO_LARGE, "payload too large: limit is %zu bytes", limit);
}

/* Sets *out unless it is identity; counts the real codings. */
static int
one_coding(struct str name, enum inflate_coding *out, int *count)
{
    static const struct {
        const char *name;
        enum inflate_coding coding;
    } known[] = {
        {"", INFLATE_IDENTITY},      {"identity", INFLATE_IDENTITY},
        {"utf-8", INFLATE_IDENTITY}, {"gzip", INFLATE_GZIP},
        {"x-gzip", INFLATE_GZIP},    {"deflate", INFLATE_DEFLATE},
        {"zstd", INFLATE_ZSTD},      {"br", INFLATE_BR},
    };

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (!str_eq_nocase(name, str_of(known[i].name)))
            continue;
        if (known[i].coding != INFLATE_IDENTITY) {
            *out = known[i].coding;
            ++*count;
        }
        return 0;
    }
    return -1;
}

int
inflate_coding(struct str header, enum inflate_coding *out, struct error *e)
{
    static const char known[] = "known are gzip, deflate, br, zstd, identity";
    int count = 0;

    *out = INFLATE_IDENTITY;
    while (header.p != NULL)
        if (one_coding(str_trim(str_cut(&header, ',')), out, &count) != 0)
            return error_set(e, ERROR_ENCODING, "unknown Content-Encoding: %s", known);
    if (count > 1)
        return error_set(e, ERROR_ENCODING, "more than one Content-Encoding: %s", known);
    return 0;
}

/* bits as in inflateInit2(): 31 gzip, 15 zlib, -15 raw. */
static bool
open_zlib(struct inflate *z, int bits)
{
    z->z_ready = inflateInit2(&z->z, bits) == Z_OK;
    return z->z_ready;
}

struct inflate *
inflate_new(enum inflate_coding coding)
{
    struct inflate *z = calloc(1, sizeof *z);
    bool fine = z != NULL;

    if (z == NULL)
        return NULL;
    z->coding = coding;
    if (coding == INFLATE_GZIP) {
        fine = open_zlib(z, 15 + 16);
    } else if (coding == INFLATE_ZSTD) {
        z->zstd = ZSTD_createDStream();
        fine = z->zstd != NULL &&
               !ZSTD_isError(ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax,
                                                    LIMIT_ZSTD_WINDOW_LOG));
    } else if (coding == INFLATE_BR) {
        z->br = BrotliDecoderCreateInstance(NULL, NULL, NULL);
        fine = z->br != NULL;
    }
    if (fine)
        return z;
    inflate_free(z);
    return NULL;
}

void
inflate_free(struct inflate *z)
{
    if (z == NULL)
        return;
    if (z->z_ready)
        (void)inflateEnd(&z->z);
    (void)ZSTD_freeDStream(z->zstd);
    if (z->br != NULL)
        BrotliDecoderDestroyInstance(z->br);
    free(z->piece);
    free(z);
}

/* Decides from the first two bytes whether "deflate" is zlib's format or the raw one:
 * clients send both.  Returns false when memory runs out. */
static bool
sniff(struct inflate *z, uint8_t second)
{
    unsigned head = (unsigned)z->held << 8 | second;

    z->sniffed = true;
    return open_zlib(z, (z->held & 0x0fU) == 8 && head % 31 == 0 ? 15 : -15);
}

/* One step of a decoder, with at least one byte of input or data left inside: consumes
 * and fills as much of w as it can.  Returns 0, or -1 with w->why, which is NULL when
 * memory ran out. */
static int
zlib_step(struct inflate *z, struct window *w)
{
    int result;

    if (z->stage == STAGE_ENDED) {
        w->why = "data after its end";
        if (z->coding != INFLATE_GZIP || w->in[0] != 0x1fU)
            return -1;
        if (inflateReset(&z->z) != Z_OK)
            return -1;
    }
    z->stage = STAGE_OPEN;
    z->z.next_in = w->in;
    z->z.avail_in = (uInt)(w->in_bytes > CHUNK_BYTES ? CHUNK_BYTES : w->in_bytes);
    z->z.next_out = w->out;
    z->z.avail_out =
        (uInt)(w->out_bytes > UINT32_MAX / 2 ? UINT32_MAX / 2 : w->out_bytes);
    result = inflate(&z->z, Z_NO_FLUSH);
    w->in_bytes -= (size_t)(z->z.next_in - w->in);
    w->in = z->z.next_in;
    w->out_bytes -= (size_t)(z->z.next_out - w->out);
    w->out = z->z.next_out;
    if (result == Z_STREAM_END)
        z->stage = STAGE_ENDED;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
        return 0;
    w->why = result == Z_MEM_ERROR ? NULL
             : z->z.msg != NULL    ? z->z.msg
                                   : "needs a dictionary";
    return -1;
}

/* A frame's header is fed byte by byte: libzstd only looks for formats older than RFC
 * 8878, whose decoders have no window limit, when it sees four bytes at once. */
static int
zstd_step(struct inflate *z, struct window *w)
{
    bool header = z->stage != STAGE_OPEN || z->frame_bytes < FRAME_HEADER_MAX;
    ZSTD_inBuffer in = {w->in, header && w->in_bytes > 0 ? 1 : w->in_bytes, 0};
    ZSTD_outBuffer out = {w->out, w->out_bytes, 0};
    size_t result = ZSTD_decompressStream(z->zstd, &out, &in);

    w->in += in.pos;
    w->in_bytes -= in.pos;
    w->out += out.pos;
    w->out_bytes -= out.pos;
    w->why = ZSTD_isError(result) ? ZSTD_getErrorName(result) : "";
    if (ZSTD_isError(result))
        return -1;
    z->frame_bytes = z->stage == STAGE_OPEN ? z->frame_bytes + in.pos : in.pos;
    if (result == 0)
        z->stage = STAGE_ENDED;
    else if (in.pos > 0 || out.pos > 0)
        z->stage = STAGE_OPEN;
    return 0;
}

static int
br_step(struct inflate *z, struct window *w)
{
    BrotliDecoderResult result;

    w->why = "data after its end";
    if (z->stage == STAGE_ENDED)
        return -1;
    z->stage = STAGE_OPEN;
    result = BrotliDecoderDecompressStream(z->br, &w->in_bytes, &w->in, &w->out_bytes,
                                           &w->out, NULL);
    if (result == BROTLI_DECODER_RESULT_SUCCESS)
        z->stage = STAGE_ENDED;
    if (result != BROTLI_DECODER_RESULT_ERROR)
        return 0;
    w->why = BrotliDecoderErrorString(BrotliDecoderGetErrorCode(z->br));
    return -1;
}

static int
step(struct inflate *z, struct window *w, const uint8_t *begin, struct error *e)
{
    uint64_t at;
    int rc;

    if (z->zstd != NULL)
        rc = zstd_step(z, w);
    else
        rc = z->br != NULL ? br_step(z, w) : zlib_step(z, w);
    if (rc == 0)
        return 0;
    at = z->taken + (size_t)(w->in - begin);
    return w->why == NULL
               ? error_no_memory(e)
               : error_set(e, ERROR_MALFORMED, "invalid %s body at byte %" PRIu64 ": %s",
                           coding_name(z->coding), at, w->why);
}

/* Points w->out to the free room of out, or to the scratch byte when there is none
 * left. */
static int
make_room(struct inflate *z, struct window *w, struct buf *out, struct error *e)
{
    size_t left = out->max - out->n;

    w->out = &z->scratch;
    w->out_bytes = 1;
    if (left == 0)
        return 0;
    w->out_bytes = left < CHUNK_BYTES ? left : CHUNK_BYTES;
    w->out = (uint8_t *)buf_reserve(out, w->out_bytes);
    return w->out == NULL ? error_no_memory(e) : 0;
}

static int
feed(struct inflate *z, struct window *w, struct buf *out, struct error *e)
{
    const uint8_t *begin = w->in;
    bool filled;

    do {
        size_t given;

        if (make_room(z, w, out, e) != 0)
            return -1;
        given = w->out_bytes;
        if (step(z, w, begin, e) != 0)
            return -1;
        filled = w->out_bytes == 0;
        if (out->n < out->max)
            out->n += given - w->out_bytes;
        else if (filled)
            return too_large(out->max, e);
    } while (w->in_bytes > 0 || (filled && z->stage == STAGE_OPEN));
    z->taken += (size_t)(w->in - begin);
    return 0;
}

/* The same with the room of one piece, which is passed on each time. */
static int
feed_sink(struct inflate *z, struct window *w, struct inflate_sink *sink, struct error *e)
{
    const uint8_t *begin = w->in;
    bool filled;

    do {
        size_t made;

        w->out = z->piece;
        w->out_bytes = CHUNK_BYTES;
        if (step(z, w, begin, e) != 0)
            return -1;
        made = CHUNK_BYTES - w->out_bytes;
        filled = w->out_bytes == 0;
        sink->taken += made;
        if (sink->taken > sink->limit)
            return too_large(sink->limit, e);
        if (made > 0 && sink->take(sink->context, (char *)z->piece, made, e) != 0)
            return -1;
    } while (w->in_bytes > 0 || (filled && z->stage == STAGE_OPEN));
    z->taken += (size_t)(w->in - begin);
    return 0;
}

/* Takes from w the bytes needed to choose a decoder for "deflate".  Returns 0 when more
 * are needed, 1 when first (the byte that was held) and w can be fed, -1 with e. */
static int
choose(struct inflate *z, struct window *w, struct window *first, struct error *e)
{
    *first = (struct window){.in = &z->held, .in_bytes = 0};
    if (z->coding != INFLATE_DEFLATE || z->sniffed)
        return 1;
    if (z->stage == STAGE_EMPTY) {
        z->held = *w->in++;
        z->stage = STAGE_OPEN;
        if (--w->in_bytes == 0)
            return 0;
    }
    first->in_bytes = 1;
    return sniff(z, w->in[0]) ? 1 : error_no_memory(e);
}

static int
feed_identity(const void *p, size_t n, struct buf *out, struct error *e)
{
    if (n > out->max - out->n)
        return too_large(out->max, e);
    buf_add(out, p, n);
    return out->failed ? error_no_memory(e) : 0;
}

int
inflate_feed(struct inflate *z, const void *p, size_t n, struct buf *out, struct error *e)
{
    struct window w = {.in = p, .in_bytes = n}, first;
    int ready;

    if (z->coding == INFLATE_IDENTITY)
        return feed_identity(p, n, out, e);
    if (n == 0)
        return 0;
    ready = choose(z, &w, &first, e);
    if (ready <= 0)
        return ready;
    if (first.in_bytes > 0 && feed(z, &first, out, e) != 0)
        return -1;
    return feed(z, &w, out, e);
}

int
inflate_stream(struct inflate *z, const void *p, size_t n, struct inflate_sink *sink,
               struct error *e)
{
    struct window w = {.in = p, .in_bytes = n}, first;
    int ready;

    if (n == 0)
        return 0;
    if (z->coding == INFLATE_IDENTITY) {
        sink->taken += n;
        return sink->taken > sink->limit ? too_large(sink->limit, e)
                                         : sink->take(sink->context, p, n, e);
    }
    if (z->piece == NULL)
        z->piece = malloc(CHUNK_BYTES);
    if (z->piece == NULL)
        return error_no_memory(e);
    ready = choose(z, &w, &first, e);
    if (ready <= 0)
        return ready;
    if (first.in_bytes > 0 && feed_sink(z, &first, sink, e) != 0)
        return -1;
    return feed_sink(z, &w, sink, e);
}

int
inflate_end(struct inflate *z, struct error *e)
{
    switch (z->coding == INFLATE_IDENTITY ? STAGE_ENDED : z->stage) {
    case STAGE_ENDED:
        return 0;
    case STAGE_EMPTY:
        return error_set(e, ERROR_MALFORMED, "empty body, Content-Encoding: %s",
                         coding_name(z->coding));
    case STAGE_OPEN:
        break;
    }
    return error_set(e, ERROR_MALFORMED, "truncated %s body", coding_name(z->coding));
}
