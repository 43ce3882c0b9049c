/*
 * fuzz_inflate: any bytes as a compressed body; the first one chooses the coding and the
 * size of the pieces.
 *
 * The limit holds, the size of the pieces makes no difference, and what zlib has packed
 * comes back.
 */
#define ZLIB_CONST
#include <string.h>
#include <zlib.h>

#include "base/limits.h"
#include "fuzz.h"
#include "wire/inflate.h"

#define MAX_BYTES (64 * LIMIT_KIB)

static int
decode(enum inflate_coding coding, struct str body, size_t step, struct buf *out)
{
    struct inflate *z = inflate_new(coding);
    struct error e;
    int result = 0;

    CHECK(z != NULL);
    for (size_t at = 0; at < body.n && result == 0; at += step)
        result = inflate_feed(z, body.p + at, body.n - at < step ? body.n - at : step,
                              out, &e);
    if (result == 0)
        result = inflate_end(z, &e);
    CHECK(result == 0 || e.kind == ERROR_MALFORMED || e.kind == ERROR_TOO_LARGE);
    CHECK(out->n <= out->max && out->max == MAX_BYTES);
    inflate_free(z);
    return result;
}

static void
comes_back(struct str text)
{
    static unsigned char packed[MAX_BYTES];
    struct buf out = buf_init(MAX_BYTES);
    z_stream z = {.next_in = (const Bytef *)text.p,
                  .avail_in = (uInt)text.n,
                  .next_out = packed,
                  .avail_out = sizeof packed};

    CHECK(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    CHECK(decode(INFLATE_GZIP, (struct str){(const char *)packed, z.total_out}, 7,
                 &out) == 0);
    CHECK(str_eq(buf_str(&out), (struct str){text.n == 0 ? "" : text.p, text.n}));
    (void)deflateEnd(&z);
    buf_release(&out);
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    static const enum inflate_coding codings[] = {INFLATE_IDENTITY, INFLATE_GZIP,
                                                  INFLATE_DEFLATE, INFLATE_ZSTD};
    struct buf whole = buf_init(MAX_BYTES), pieces = buf_init(MAX_BYTES);
    enum inflate_coding coding;
    struct str body;
    int result;

    if (size == 0 || size > MAX_BYTES / 2)
        return 0;
    coding = codings[data[0] % COUNT_OF(codings)];
    body = (struct str){(const char *)data + 1, size - 1};
    result = decode(coding, body, MAX_BYTES, &whole);
    CHECK(decode(coding, body, 1U + data[0] / 4, &pieces) == result);
    CHECK(result != 0 || str_eq(buf_str(&whole), buf_str(&pieces)));
    buf_release(&whole);
    buf_release(&pieces);
    comes_back(body);
    return 0;
}

FUZZ_TARGET(100, 8 * LIMIT_MIB)
