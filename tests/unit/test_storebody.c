#define ZLIB_CONST
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "sentry/storebody.h"
#include "unit.h"

#define LIMIT 1000U

static struct buf body, spare;

/* Decodes a text as the body. */
static int
decode(struct str text, struct str *out, struct error *e)
{
    body = buf_init(100000);
    spare = buf_init(100000);
    buf_add_str(&body, text);
    return storebody_decode(&body, &spare, LIMIT, out, e);
}

static void
release(void)
{
    buf_release(&body);
    buf_release(&spare);
}

/* zlib (bits 15) or gzip (31) of a text, as base64 if wanted. */
static struct str
packed(struct str text, int bits, bool base64)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static uint8_t raw[4096];
    static char out[8192];
    z_stream z = {.next_in = (const Bytef *)text.p, .avail_in = (uInt)text.n};
    size_t n = 0;

    UNIT_EQ(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = raw;
    z.avail_out = sizeof raw;
    UNIT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    (void)deflateEnd(&z);
    if (!base64)
        return (struct str){(char *)raw, z.total_out};
    for (size_t i = 0; i < z.total_out; i += 3) {
        uint32_t three = (uint32_t)raw[i] << 16;

        three |= i + 1 < z.total_out ? (uint32_t)raw[i + 1] << 8 : 0;
        three |= i + 2 < z.total_out ? raw[i + 2] : 0;
        for (int j = 3; j >= 0; j--)
            if (i + 3U - (unsigned)j <= z.total_out || j == 3)
                out[n++] = letters[three >> (6 * j) & 63U];
    }
    return (struct str){out, n};
}

static void
bodies_are_undone(void)
{
    static const struct {
        int line;
        int bits;
        bool base64;
    } ways[] = {{__LINE__, 15, false},
                {__LINE__, 15, true},
                {__LINE__, 31, false},
                {__LINE__, 31, true}};
    struct str out;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        UNIT_EQ_AT(
            ways[i].line,
            decode(packed(STR("{\"message\":\"fine\"}"), ways[i].bits, ways[i].base64),
                   &out, &e),
            0);
        UNIT_STR_AT(ways[i].line, out, "{\"message\":\"fine\"}");
        release();
    }
    UNIT(decode(STR(" {\"a\":1} "), &out, &e) == 0 && unit_is(out, " {\"a\":1} "));
    release();
    UNIT(decode(STR("eyJhIjoxfQ=="), &out, &e) == 0 && unit_is(out, "{\"a\":1}"));
    release();
}

static void
what_is_none_is_malformed(void)
{
    static const char *const texts[] = {"", " \n", "!", "eA", "eJwrzs", "hello", "x\x9c"};
    struct str out;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        UNIT(decode(str_of(texts[i]), &out, &e) == -1 && e.kind == ERROR_MALFORMED);
        release();
    }
}

static void
nothing_passes_the_limit(void)
{
    for (size_t more = 0; more < 3; more++) {
        struct buf text = buf_init(5000);
        struct str out;
        struct error e;

        buf_add_char(&text, '{');
        while (text.n < LIMIT - 1 + more)
            buf_add_char(&text, ' ');
        UNIT_EQ(decode(buf_str(&text), &out, &e), (more < 2 ? 0 : -1));
        UNIT(more < 2 || e.kind == ERROR_TOO_LARGE);
        release();
        UNIT_EQ(decode(packed(buf_str(&text), 15, true), &out, &e), (more < 2 ? 0 : -1));
        UNIT(more < 2 ? out.n == LIMIT - 1 + more : e.kind == ERROR_TOO_LARGE);
        release();
        buf_release(&text);
    }
}

static const struct unit_test tests[] = {
    {"bodies_are_undone", bodies_are_undone},
    {"what_is_none_is_malformed", what_is_none_is_malformed},
    {"nothing_passes_the_limit", nothing_passes_the_limit},
};

const struct unit_suite suite_storebody = {"storebody", tests, COUNT_OF(tests)};
