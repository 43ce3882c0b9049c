#define ZLIB_CONST
#include <brotli/encode.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/limits.h"
#include "unit.h"
#include "wire/inflate.h"

/* deflateInit2() window bits for each way to compress; 0 stands for zstd, 1 for br. */
#define GZIP_BITS (15 + 16)
#define ZLIB_BITS 15
#define RAW_BITS (-15)
#define ZSTD_BITS 0
#define BR_BITS 1

static const struct {
    enum inflate_coding coding;
    int bits;
} ways[] = {
    {INFLATE_GZIP, GZIP_BITS}, {INFLATE_DEFLATE, ZLIB_BITS}, {INFLATE_DEFLATE, RAW_BITS},
    {INFLATE_ZSTD, ZSTD_BITS}, {INFLATE_BR, BR_BITS},
};

static struct str
compress_text(struct str text, int bits)
{
    size_t room = text.n + 1000;
    char *out = malloc(room);
    z_stream z = {.next_in = (const Bytef *)text.p, .avail_in = (uInt)text.n};
    struct str s;
    size_t n = 0;

    if (out == NULL)
        return STR_NONE;
    if (bits == ZSTD_BITS) {
        n = ZSTD_compress(out, room, text.p, text.n, 3);
        UNIT(!ZSTD_isError(n));
    } else if (bits == BR_BITS) {
        n = room;
        UNIT(BrotliEncoderCompress(4, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, text.n,
                                   (const uint8_t *)text.p, &n, (uint8_t *)out));
    } else {
        UNIT_EQ(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_out = (Bytef *)out;
        z.avail_out = (uInt)room;
        UNIT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
        n = z.total_out;
        (void)deflateEnd(&z);
    }
    s = unit_exact((struct str){out, n});
    free(out);
    return s;
}

/* Decodes body, fed in pieces of step bytes, into out.  0, or the kind of error. */
static enum error_kind
decode(enum inflate_coding coding, struct str body, size_t step, struct buf *out,
       struct error *e)
{
    struct inflate *z = inflate_new(coding);
    int result = 0;

    UNIT(z != NULL);
    buf_clear(out, SIZE_MAX);
    for (size_t at = 0; at < body.n && result == 0; at += step) {
        size_t n = body.n - at < step ? body.n - at : step;

        result = inflate_feed(z, unit_exact((struct str){body.p + at, n}).p, n, out, e);
    }
    if (result == 0)
        result = inflate_end(z, e);
    inflate_free(z);
    return result == 0 ? ERROR_NONE : e->kind;
}

static void
every_coding_comes_back_in_any_pieces(void)
{
    static const size_t steps[] = {1, 2, 7, 100000};
    struct buf out = buf_init(LIMIT_MIB);
    struct error e;
    char text[40000];

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i * i % 26);
    for (size_t w = 0; w < COUNT_OF(ways); w++)
        for (size_t i = 0; i < COUNT_OF(steps); i++) {
            const struct str all = {text, i == 3 ? sizeof text : 3000};
            struct str body = compress_text(all, ways[w].bits);

            UNIT_EQ(decode(ways[w].coding, body, steps[i], &out, &e), ERROR_NONE);
            UNIT(str_eq(buf_str(&out), all));
        }
    buf_release(&out);
}

static void
the_limit_is_exact(void)
{
    const size_t max = 70000;
    char *text = calloc(1, max + 1);
    struct buf out = buf_init(max);
    struct error e;

    for (size_t w = 0; w < COUNT_OF(ways) && text != NULL; w++)
        for (size_t n = max - 1; n <= max + 1; n++) {
            struct str body = compress_text((struct str){text, n}, ways[w].bits);
            enum error_kind kind = decode(ways[w].coding, body, 9999, &out, &e);

            UNIT_EQ(kind, (n <= max ? ERROR_NONE : ERROR_TOO_LARGE));
            UNIT_EQ(out.n, (n <= max ? n : max));
            if (n > max)
                UNIT_STR(str_of(e.text), "payload too large: limit is 70000 bytes");
        }
    UNIT(text != NULL);
    UNIT_EQ(decode(INFLATE_IDENTITY, (struct str){text, max}, 777, &out, &e), ERROR_NONE);
    UNIT_EQ(decode(INFLATE_IDENTITY, (struct str){text, max + 1}, 777, &out, &e),
            ERROR_TOO_LARGE);
    buf_release(&out);
    free(text);
}

static void
a_stream_cut_anywhere_is_truncated(void)
{
    struct buf out = buf_init(LIMIT_MIB);
    struct error e;

    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct str body = compress_text(STR("{\"message\":\"fine\"}"), ways[w].bits);

        for (size_t n = 0; n < body.n; n++) {
            UNIT_EQ(decode(ways[w].coding, (struct str){body.p, n}, 100, &out, &e),
                    ERROR_MALFORMED);
            UNIT(strstr(e.text, n == 0 ? "empty body" : "truncated") != NULL);
        }
    }
    UNIT_EQ(decode(INFLATE_IDENTITY, STR(""), 1, &out, &e), ERROR_NONE);
    buf_release(&out);
}

/* Two streams in one body, the second perhaps no stream. */
static enum error_kind
decode_two(size_t way, struct str first, struct str second, struct buf *out,
           struct error *e)
{
    struct buf both = buf_init(LIMIT_MIB);
    enum error_kind kind, by_bytes;

    buf_add_str(&both, first);
    buf_add_str(&both, second);
    kind = decode(ways[way].coding, buf_str(&both), 100000, out, e);
    by_bytes = decode(ways[way].coding, buf_str(&both), 1, out, e);
    UNIT_EQ(kind, by_bytes);
    buf_release(&both);
    return kind;
}

static void
gzip_and_zstd_have_several_members(void)
{
    struct buf out = buf_init(LIMIT_MIB);
    struct error e;

    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct str a = compress_text(STR("{\"message\":"), ways[w].bits);
        struct str b = compress_text(STR("\"fine\"}"), ways[w].bits);
        enum error_kind kind = decode_two(w, a, b, &out, &e);

        if (ways[w].coding == INFLATE_DEFLATE || ways[w].coding == INFLATE_BR) {
            UNIT_EQ(kind, ERROR_MALFORMED);
        } else {
            UNIT(kind == ERROR_NONE && unit_is(buf_str(&out), "{\"message\":\"fine\"}"));
        }
    }
    buf_release(&out);
}

static void
garbage_behind_the_end_is_refused(void)
{
    struct buf out = buf_init(LIMIT_MIB);
    struct error e;

    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct str body = compress_text(STR("{\"message\":\"fine\"}"), ways[w].bits);

        UNIT_EQ(decode_two(w, body, STR("garbage"), &out, &e), ERROR_MALFORMED);
        UNIT_EQ(decode_two(w, body, STR("\x1fx"), &out, &e), ERROR_MALFORMED);
        UNIT_EQ(decode_two(w, body, STR("\0"), &out, &e), ERROR_MALFORMED);
    }
    buf_release(&out);
}

static void
other_bytes_are_named_with_their_place(void)
{
    struct buf out = buf_init(LIMIT_MIB);
    struct str body = compress_text(STR("{\"message\":\"fine\"}"), GZIP_BITS);
    struct buf copy = buf_init(1000);
    struct error e;

    UNIT_EQ(decode(INFLATE_GZIP, STR("{\"message\":\"fine\"}"), 100, &out, &e),
            ERROR_MALFORMED);
    UNIT(strstr(e.text, "invalid gzip body at byte ") != NULL);
    UNIT_EQ(decode(INFLATE_ZSTD, STR("{\"message\":\"fine\"}"), 100, &out, &e),
            ERROR_MALFORMED);
    UNIT(strstr(e.text, "invalid zstd body at byte ") != NULL);
    UNIT_EQ(decode(INFLATE_DEFLATE, STR("\x78\x9c\xff\xff\xff"), 100, &out, &e),
            ERROR_MALFORMED);
    UNIT(strstr(e.text, "invalid deflate body at byte ") != NULL);
    buf_add_str(&copy, body);
    copy.data[copy.n - 8] = (char)(copy.data[copy.n - 8] ^ 1); /* CRC */
    UNIT_EQ(decode(INFLATE_GZIP, buf_str(&copy), 100, &out, &e), ERROR_MALFORMED);
    buf_release(&copy);
    buf_release(&out);
}

static void
a_large_zstd_window_is_refused(void)
{
    static char in[100];
    char packed[400] = {0};
    ZSTD_CCtx *c = ZSTD_createCCtx();
    struct buf out = buf_init(LIMIT_MIB);
    struct error e;

    for (int window = LIMIT_ZSTD_WINDOW_LOG; window <= LIMIT_ZSTD_WINDOW_LOG + 1;
         window++) {
        ZSTD_inBuffer from = {in, sizeof in, 0};
        ZSTD_outBuffer to = {packed, sizeof packed, 0};

        (void)ZSTD_CCtx_reset(c, ZSTD_reset_session_only);
        UNIT(!ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, window)));
        UNIT(!ZSTD_isError(ZSTD_compressStream2(c, &to, &from, ZSTD_e_flush)));
        UNIT_EQ(ZSTD_compressStream2(c, &to, &from, ZSTD_e_end), 0);
        UNIT_EQ(decode(INFLATE_ZSTD, (struct str){packed, to.pos}, 100, &out, &e),
                (window == LIMIT_ZSTD_WINDOW_LOG ? ERROR_NONE : ERROR_MALFORMED));
    }
    (void)ZSTD_freeCCtx(c);
    buf_release(&out);
}

static void
zstd_from_before_its_rfc_is_refused(void)
{
    const struct str old = STR("\x27\xb5\x2f\xfd\x00\x02\x00\x00\x00");
    struct str body = compress_text(STR("{}"), ZSTD_BITS);
    struct buf out = buf_init(LIMIT_MIB);
    struct error e;

    UNIT_EQ(decode(INFLATE_ZSTD, old, 100, &out, &e), ERROR_MALFORMED);
    UNIT_EQ(decode(INFLATE_ZSTD, old, 1, &out, &e), ERROR_MALFORMED);
    UNIT_EQ(decode_two(3, body, old, &out, &e), ERROR_MALFORMED);
    UNIT_EQ(decode_two(3, STR("\x28"), STR("\x26\xb5\x2f\xfd\0\0\0\0"), &out, &e),
            ERROR_MALFORMED);
    buf_release(&out);
}

static void
content_encoding_is_a_list_with_one_coding(void)
{
    static const struct {
        int line;
        const char *header;
        int result;
        enum inflate_coding coding;
    } rows[] = {
        {__LINE__, NULL, 0, INFLATE_IDENTITY},
        {__LINE__, "", 0, INFLATE_IDENTITY},
        {__LINE__, "identity", 0, INFLATE_IDENTITY},
        {__LINE__, "UTF-8", 0, INFLATE_IDENTITY},
        {__LINE__, "gzip", 0, INFLATE_GZIP},
        {__LINE__, "GZIP", 0, INFLATE_GZIP},
        {__LINE__, "x-gzip", 0, INFLATE_GZIP},
        {__LINE__, " deflate ", 0, INFLATE_DEFLATE},
        {__LINE__, "zstd", 0, INFLATE_ZSTD},
        {__LINE__, "identity, gzip", 0, INFLATE_GZIP},
        {__LINE__, "gzip,identity", 0, INFLATE_GZIP},
        {__LINE__, "gzip, gzip", -1, INFLATE_IDENTITY},
        {__LINE__, "gzip, rot13", -1, INFLATE_IDENTITY},
        {__LINE__, "br", 0, INFLATE_BR},
        {__LINE__, "br, gzip", -1, INFLATE_IDENTITY},
        {__LINE__, "compress", -1, INFLATE_IDENTITY},
        {__LINE__, "gzi", -1, INFLATE_IDENTITY},
        {__LINE__, "gzip2", -1, INFLATE_IDENTITY},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str h =
            rows[i].header == NULL ? STR_NONE : unit_exact(str_of(rows[i].header));
        enum inflate_coding coding;
        struct error e = {.kind = ERROR_NONE};

        UNIT_EQ_AT(rows[i].line, inflate_coding(h, &coding, &e), rows[i].result);
        if (rows[i].result == 0)
            UNIT_EQ_AT(rows[i].line, coding, rows[i].coding);
        else
            UNIT_AT(rows[i].line,
                    e.kind == ERROR_ENCODING && strstr(e.text, "zstd") != NULL);
    }
}

/* A sink that keeps what it gets and refuses more than `most` bytes. */
struct keeper {
    struct buf got;
    size_t most;
};

static int
keep(void *context, const char *p, size_t n, struct error *e)
{
    struct keeper *k = context;

    if (k->got.n + n > k->most)
        return error_set(e, ERROR_FORBIDDEN, "enough");
    buf_add(&k->got, p, n);
    return 0;
}

static enum error_kind
stream(enum inflate_coding coding, struct str body, size_t step,
       struct inflate_sink *sink)
{
    struct inflate *z = inflate_new(coding);
    struct error e = {.kind = ERROR_NONE};
    int result = 0;

    UNIT(z != NULL);
    for (size_t at = 0; at < body.n && result == 0; at += step) {
        size_t n = body.n - at < step ? body.n - at : step;

        result =
            inflate_stream(z, unit_exact((struct str){body.p + at, n}).p, n, sink, &e);
    }
    if (result == 0)
        result = inflate_end(z, &e);
    inflate_free(z);
    return result == 0 ? ERROR_NONE : e.kind;
}

static void
a_sink_gets_the_same_piece_by_piece(void)
{
    static const size_t steps[] = {1, 3, 1000, 100000};
    static char text[200000];

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i * i % 23);
    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct str packed = compress_text((struct str){text, sizeof text}, ways[w].bits);

        for (size_t s = 0; s < COUNT_OF(steps); s++) {
            struct keeper k = {buf_init(LIMIT_MIB), SIZE_MAX};
            struct inflate_sink sink = {keep, &k, sizeof text, 0};

            UNIT_EQ(stream(ways[w].coding, packed, steps[s], &sink), ERROR_NONE);
            UNIT(k.got.n == sizeof text && memcmp(k.got.data, text, k.got.n) == 0);
            UNIT_EQ(sink.taken, sizeof text);
            buf_release(&k.got);
        }
    }
}

static void
a_sink_is_not_given_more_than_its_limit(void)
{
    static char zeros[300000];

    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct str packed =
            compress_text((struct str){zeros, sizeof zeros}, ways[w].bits);

        for (size_t more = 0; more < 3; more++) {
            struct keeper k = {buf_init(LIMIT_MIB), SIZE_MAX};
            struct inflate_sink sink = {keep, &k, sizeof zeros - 1 + more, 0};

            UNIT_EQ(stream(ways[w].coding, packed, 50, &sink),
                    (more == 0 ? ERROR_TOO_LARGE : ERROR_NONE));
            UNIT(k.got.n <= sink.limit);
            buf_release(&k.got);
        }
    }
}

static void
what_a_sink_refuses_ends_it(void)
{
    static char zeros[300000];

    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct keeper k = {buf_init(LIMIT_MIB), 100000};
        struct inflate_sink sink = {keep, &k, SIZE_MAX, 0};

        UNIT_EQ(stream(ways[w].coding,
                       compress_text((struct str){zeros, sizeof zeros}, ways[w].bits), 50,
                       &sink),
                ERROR_FORBIDDEN);
        UNIT(k.got.n <= 100000);
        buf_release(&k.got);
    }
}

static const struct unit_test tests[] = {
    {"every_coding_comes_back_in_any_pieces", every_coding_comes_back_in_any_pieces},
    {"the_limit_is_exact", the_limit_is_exact},
    {"a_stream_cut_anywhere_is_truncated", a_stream_cut_anywhere_is_truncated},
    {"gzip_and_zstd_have_several_members", gzip_and_zstd_have_several_members},
    {"garbage_behind_the_end_is_refused", garbage_behind_the_end_is_refused},
    {"other_bytes_are_named_with_their_place", other_bytes_are_named_with_their_place},
    {"a_large_zstd_window_is_refused", a_large_zstd_window_is_refused},
    {"zstd_from_before_its_rfc_is_refused", zstd_from_before_its_rfc_is_refused},
    {"content_encoding_is_a_list_with_one_coding",
     content_encoding_is_a_list_with_one_coding},
    {"a_sink_gets_the_same_piece_by_piece", a_sink_gets_the_same_piece_by_piece},
    {"a_sink_is_not_given_more_than_its_limit", a_sink_is_not_given_more_than_its_limit},
    {"what_a_sink_refuses_ends_it", what_a_sink_refuses_ends_it},
};

const struct unit_suite suite_inflate = {"inflate", tests, COUNT_OF(tests)};
