#define ZLIB_CONST
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "ingest/body.h"
#include "unit.h"

#define LIMIT ((size_t)1000)

/* A front: gives these bytes in pieces of `step`, then the end, or a failure. */
struct source {
    struct str left;
    size_t step, calls;
    bool fails;
};

static ptrdiff_t
give(void *context, char *p, size_t n, struct error *e)
{
    struct source *s = context;

    s->calls++;
    if (s->left.n == 0 && s->fails)
        return error_set(e, ERROR_TIMEOUT, "too slow");
    n = n < s->step ? n : s->step;
    n = n < s->left.n ? n : s->left.n;
    if (n > 0)
        (void)memcpy(p, s->left.p, n);
    s->left = (struct str){s->left.p + n, s->left.n - n};
    return (ptrdiff_t)n;
}

/* Reads a body of these bytes; length NULL: not announced. */
static int
read_body(struct source *s, const char *length, const char *coding, struct buf *out,
          struct error *e)
{
    const struct body_source from = {give, s, str_of(length), str_of(coding)};

    *e = (struct error){.kind = ERROR_NONE};
    return body_read(&from, LIMIT, out, e);
}

static const char *
decimal(size_t n)
{
    static char text[24];

    (void)snprintf(text, sizeof text, "%zu", n);
    return text;
}

/* n bytes, that do not get smaller when noisy. */
static struct str
make(size_t n, bool noisy)
{
    char *p = arena_get(unit_arena(), n);
    unsigned x = 1;

    UNIT(p != NULL);
    for (size_t i = 0; i < n; i++) {
        x = x * 1103515245U + 12345U;
        p[i] = 'a';
        if (noisy)
            p[i] = (char)(x >> 16);
    }
    return unit_exact((struct str){p, n});
}

static struct str
gzip(struct str text)
{
    static unsigned char packed[2 * LIMIT];
    z_stream z = {.next_in = (const Bytef *)text.p,
                  .avail_in = (uInt)text.n,
                  .next_out = packed,
                  .avail_out = sizeof packed};

    UNIT_EQ(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    UNIT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    UNIT_EQ(deflateEnd(&z), Z_OK);
    return unit_exact((struct str){(const char *)packed, z.total_out});
}

static void
the_limit_is_exact_for_a_plain_body(void)
{
    for (size_t n = LIMIT - 1; n <= LIMIT + 1; n++)
        for (size_t step = 1; step <= 2 * LIMIT; step *= 7)
            for (int announced = 0; announced < 2; announced++) {
                struct source s = {.left = make(n, true), .step = step};
                struct str sent = s.left;
                struct buf out = buf_init(0);
                struct error e;
                int rc = read_body(&s, announced ? decimal(n) : NULL, NULL, &out, &e);

                if (n <= LIMIT)
                    UNIT(rc == 0 && str_eq(buf_str(&out), sent));
                else
                    UNIT(rc == -1 && e.kind == ERROR_TOO_LARGE &&
                         strcmp(e.text, "payload too large: limit is 1000 bytes") == 0);
                UNIT(n <= LIMIT || !announced || s.calls == 0); /* refused unread */
                buf_release(&out);
            }
}

static void
the_limit_is_exact_for_what_comes_out(void)
{
    for (size_t n = LIMIT - 1; n <= LIMIT + 1; n++)
        for (size_t step = 1; step <= LIMIT; step *= 7) {
            struct str text = make(n, false), packed = gzip(text);
            struct source s = {.left = packed, .step = step};
            struct buf out = buf_init(0);
            struct error e;
            int rc = read_body(&s, decimal(packed.n), "gzip", &out, &e);

            if (n <= LIMIT)
                UNIT(rc == 0 && str_eq(buf_str(&out), text));
            else
                UNIT(rc == -1 && e.kind == ERROR_TOO_LARGE);
            buf_release(&out);
        }
}

static void
the_limit_is_exact_for_what_goes_in(void)
{
    size_t fitting = LIMIT;

    while (gzip(make(fitting, true)).n > LIMIT)
        fitting--;
    UNIT(fitting < LIMIT && gzip(make(fitting, true)).n == LIMIT);
    for (size_t n = fitting - 1; n <= fitting + 1; n++)
        for (int announced = 0; announced < 2; announced++) {
            struct str packed = gzip(make(n, true));
            struct source s = {.left = packed, .step = 100};
            struct buf out = buf_init(0);
            struct error e;
            int rc =
                read_body(&s, announced ? decimal(packed.n) : NULL, "gzip", &out, &e);

            UNIT_EQ(rc, (n <= fitting ? 0 : -1));
            UNIT(n <= fitting || e.kind == ERROR_TOO_LARGE);
            buf_release(&out);
        }
}

static const struct {
    int line;
    enum error_kind kind; /* of a body of 10 bytes */
    const char *length;
    size_t got; /* bytes when there is none */
    const char *text;
} lengths[] = {
    {__LINE__, ERROR_NONE, NULL, 10, NULL},
    {__LINE__, ERROR_NONE, "", 10, NULL},
    {__LINE__, ERROR_NONE, "10", 10, NULL},
    {__LINE__, ERROR_NONE, "010", 10, NULL},
    {__LINE__, ERROR_NONE, "9", 9, NULL}, /* the rest belongs to nobody */
    {__LINE__, ERROR_NONE, "0", 0, NULL},
    {__LINE__, ERROR_MALFORMED, "11", 0, "body has 10 bytes, Content-Length says 11"},
    {__LINE__, ERROR_MALFORMED, "1000", 0, "body has 10 bytes, Content-Length says 1000"},
    {__LINE__, ERROR_TOO_LARGE, "1001", 0, NULL},
    {__LINE__, ERROR_TOO_LARGE, "9223372036854775807", 0, NULL},
    {__LINE__, ERROR_TOO_LARGE, "9223372036854775808", 0, NULL},
    {__LINE__, ERROR_TOO_LARGE, "99999999999999999999999999", 0, NULL},
    {__LINE__, ERROR_MALFORMED, "-1", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, "+10", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, " 10", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, "10 ", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, "10, 10", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, "0x0a", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, "1e1", 0, "invalid Content-Length: not a number"},
    {__LINE__, ERROR_MALFORMED, "ten", 0, "invalid Content-Length: not a number"},
};

static void
lengths_that_lie_are_noticed(void)
{
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct source s = {.left = unit_exact(STR("0123456789")), .step = 4};
        struct buf out = buf_init(0);
        struct error e;
        int rc = read_body(&s, lengths[i].length, "identity", &out, &e);

        UNIT_AT(lengths[i].line,
                e.kind == lengths[i].kind && (rc == 0) == (e.kind == ERROR_NONE));
        UNIT_AT(lengths[i].line, rc != 0 || out.n == lengths[i].got);
        UNIT_AT(lengths[i].line,
                lengths[i].text == NULL || strcmp(e.text, lengths[i].text) == 0);
        buf_release(&out);
    }
}

static void
a_compressed_body_cut_short_is_noticed(void)
{
    struct str packed = gzip(make(500, true));

    for (size_t n = 0; n < packed.n; n++)
        for (int announced = 0; announced < 2; announced++) {
            struct source s = {.left = unit_exact((struct str){packed.p, n}), .step = 64};
            struct buf out = buf_init(0);
            struct error e;

            UNIT_EQ(read_body(&s, announced ? decimal(packed.n) : NULL, "gzip", &out, &e),
                    -1);
            UNIT_EQ(e.kind, ERROR_MALFORMED);
            buf_release(&out);
        }
}

static void
what_the_front_says_is_passed_on(void)
{
    struct buf out = buf_init(0);
    struct source s = {.left = STR("01234"), .step = 2, .fails = true};
    struct error e;

    UNIT(read_body(&s, "10", NULL, &out, &e) == -1 && e.kind == ERROR_TIMEOUT);
    s = (struct source){.left = STR("01234"), .step = 2, .fails = true};
    UNIT_EQ(read_body(&s, NULL, "deflate", &out, &e), -1);
    s = (struct source){.left = STR("{}"), .step = 2};
    UNIT(read_body(&s, "2", "compress", &out, &e) == -1 && e.kind == ERROR_ENCODING);
    UNIT_EQ(s.calls, 0);
    buf_release(&out);
}

static void
an_empty_body_is_empty(void)
{
    struct source s = {.left = unit_exact(STR("")), .step = 1};
    struct buf out = buf_init(0);
    struct error e;

    buf_add_text(&out, "of the last request");
    UNIT(read_body(&s, "0", NULL, &out, &e) == 0 && out.n == 0);
    UNIT(read_body(&s, NULL, NULL, &out, &e) == 0 && out.n == 0);
    UNIT(read_body(&s, NULL, "gzip", &out, &e) == -1 && e.kind == ERROR_MALFORMED);
    UNIT(body_is_unannounced(&(struct body_source){.length = STR("")}));
    UNIT(!body_is_unannounced(&(struct body_source){.length = STR("0")}));
    buf_release(&out);
}

static const struct unit_test tests[] = {
    {"the_limit_is_exact_for_a_plain_body", the_limit_is_exact_for_a_plain_body},
    {"the_limit_is_exact_for_what_comes_out", the_limit_is_exact_for_what_comes_out},
    {"the_limit_is_exact_for_what_goes_in", the_limit_is_exact_for_what_goes_in},
    {"lengths_that_lie_are_noticed", lengths_that_lie_are_noticed},
    {"a_compressed_body_cut_short_is_noticed", a_compressed_body_cut_short_is_noticed},
    {"what_the_front_says_is_passed_on", what_the_front_says_is_passed_on},
    {"an_empty_body_is_empty", an_empty_body_is_empty},
};

const struct unit_suite suite_body = {"body", tests, COUNT_OF(tests)};
