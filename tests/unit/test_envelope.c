#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "event/envelope.h"
#include "unit.h"

/* Everything that the sink is given, as one text. */
struct seen {
    struct buf text;
    bool full; /* refuse the next item */
};

static int
on_header(void *context, const struct envelope_header *h, struct error *e)
{
    struct seen *s = context;

    (void)e;
    buf_add_f(&s->text, "H%d", h->has_id);
    if (h->dsn.p != NULL)
        buf_add_str(&s->text, h->dsn);
    if (h->sent_at.p != NULL)
        buf_add_str(&s->text, h->sent_at);
    return 0;
}

static int
on_item(void *context, const struct envelope_item *item, struct error *e)
{
    struct seen *s = context;

    if (s->full)
        return error_set(e, ERROR_FORBIDDEN, "full");
    buf_add_char(&s->text, '[');
    buf_add_str(&s->text, item->type);
    if (item->has_length)
        buf_add_f(&s->text, "/%zu", item->length);
    if (item->filename.p != NULL)
        buf_add_str(&s->text, item->filename);
    if (item->count != 1)
        buf_add_f(&s->text, "x%zu", item->count);
    buf_add_char(&s->text, ':');
    return 0;
}

static int
on_bytes(void *context, const char *p, size_t n, struct error *e)
{
    struct seen *s = context;

    (void)e;
    buf_add(&s->text, p, n);
    return 0;
}

static int
on_end(void *context, struct error *e)
{
    struct seen *s = context;

    (void)e;
    buf_add_char(&s->text, ']');
    return 0;
}

/* Feeds bytes in pieces of `step`, each in a block of its own. */
static int
take(struct str bytes, size_t step, struct seen *s, struct error *e)
{
    const struct envelope_sink sink = {on_header, on_item, on_bytes, on_end, s};
    struct envelope v;
    int rc = 0;

    buf_clear(&s->text, SIZE_MAX);
    arena_reset(unit_arena());
    *e = (struct error){.kind = ERROR_NONE};
    envelope_init(&v, unit_arena(), &sink);
    for (size_t at = 0; at < bytes.n && rc == 0; at += step) {
        size_t n = bytes.n - at < step ? bytes.n - at : step;

        rc = envelope_feed(&v, unit_exact((struct str){bytes.p + at, n}).p, n, e);
    }
    if (rc == 0)
        rc = envelope_finish(&v, e);
    envelope_release(&v);
    return rc;
}

static const struct {
    int line;
    const char *bytes, *parts; /* parts beginning with '!': the error behind it */
} rows[] = {
    {__LINE__, "{}", "H0"},
    {__LINE__, "{}\n", "H0"},
    {__LINE__, "{}\r\n", "H0"},
    {__LINE__, " \n{}\n \n\t\r\n", "H0"},
    {__LINE__, "\xef\xbb\xbf{}", "H0"},
    {__LINE__,
     "{\"event_id\":\"0123456789abcdef0123456789abcdef\",\"dsn\":\"d\",\"sent_at\":1}",
     "H1d1"},
    {__LINE__, "{\"event_id\":\"x\",\"dsn\":null}", "H0"},
    {__LINE__, "{\"dsn\":\"a\",\"dsn\":\"b\"}", "H0b"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":3}\nx\ny\n", "H0[a/3:x\ny]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":3}\r\nx\ny", "H0[a/3:x\ny]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":0}\n\n{\"type\":\"b\"}\ny",
     "H0[a/0:][b:y]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":0}", "H0[a/0:]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":0}\n", "H0[a/0:]"},
    {__LINE__, "{}\n{\"type\":\"a\"}", "H0[a:]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":null}\nx\r\n", "H0[a:x\r]"},
    {__LINE__,
     "{}\n\n{\"type\":\"a\",\"filename\":\"f\\u0041\",\"item_count\":7}\nx\n\n\n",
     "H0[afAx7:x]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"item_count\":-1}\n", "H0[a:]"},
    {__LINE__, "{\n \"x\":\"}{\\\"\"\n,\"y\":{\"z\":[]}}\n{\n\"type\":\"a\"}\nx",
     "H0[a:x]"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":2}\nx\n{\"type\":\"b\"}\ny",
     "H0[a/2:x\n][b:y]"},
    {__LINE__, "", "!missing envelope header"},
    {__LINE__, " \n", "!missing envelope header"},
    {__LINE__, "x", "!invalid envelope header"},
    {__LINE__, "\xef\xbbx", "!invalid envelope header"},
    {__LINE__, "[]", "!invalid envelope header"},
    {__LINE__, "{", "!invalid envelope header"},
    {__LINE__, "{x}", "!invalid envelope header"},
    {__LINE__, "{}x", "!missing newline after header or payload"},
    {__LINE__, "{}\rx", "!missing newline after header or payload"},
    {__LINE__, "{}\n{", "!unexpected end of file"},
    {__LINE__, "{}\n[]", "!invalid item header"},
    {__LINE__, "{}\n{x}\n", "!invalid item header"},
    {__LINE__, "{}\n{}\n", "!invalid item header: type"},
    {__LINE__, "{}\n{\"type\":7}\n", "!invalid item header: type"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":-1}\n", "!invalid item header: length"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":1.0}\n", "!invalid item header: length"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":\"1\"}\n", "!invalid item header: length"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":18446744073709551615}\n",
     "!invalid item header: length"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":1}", "!unexpected end of file"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":3}\nxy", "!unexpected end of file"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":1}\nxy",
     "!missing newline after header or payload"},
    {__LINE__, "{}\n{\"type\":\"a\",\"length\":1}\nx\r\n",
     "!missing newline after header or payload"},
};

static void
envelopes_are_taken_apart_however_they_come(void)
{
    struct seen s = {buf_init(10000), false};
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step < 60; step += step < 5 ? 1 : 17) {
            int rc = take(str_of(rows[i].bytes), step, &s, &e);
            bool bad = rows[i].parts[0] == '!';

            UNIT_EQ_AT(rows[i].line, rc, (bad ? -1 : 0));
            if (bad)
                UNIT_AT(rows[i].line,
                        e.kind == ERROR_MALFORMED &&
                            strncmp(e.text, "invalid event envelope: ", 24) == 0 &&
                            strcmp(e.text + 24, rows[i].parts + 1) == 0);
            else
                UNIT_AT(rows[i].line, str_eq(buf_str(&s.text), str_of(rows[i].parts)));
        }
    buf_release(&s.text);
}

static void
what_the_sink_refuses_ends_it(void)
{
    struct seen s = {buf_init(1000), true};
    struct error e;

    UNIT(take(STR("{}\n{\"type\":\"a\"}\nx"), 100, &s, &e) == -1 &&
         e.kind == ERROR_FORBIDDEN);
    buf_release(&s.text);
}

static void
headers_have_a_limit(void)
{
    static const struct {
        size_t more;
        bool good;
    } sizes[] = {{0, true}, {1, true}, {2, false}};
    struct seen s = {buf_init(1000), false};
    struct error e;

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf b = buf_init(2 * LIMIT_ENVELOPE_HEADER_BYTES);

        buf_add_text(&b, "{\"x\":\"");
        while (b.n < LIMIT_ENVELOPE_HEADER_BYTES - 3 + sizes[i].more)
            buf_add_char(&b, 'y');
        buf_add_text(&b, "\"}");
        UNIT_EQ((take(buf_str(&b), 10000, &s, &e) == 0), sizes[i].good);
        UNIT(sizes[i].good || e.kind == ERROR_TOO_LARGE);
        buf_release(&b);
    }
    buf_release(&s.text);
}

static void
headers_together_have_a_limit(void)
{
    struct seen s = {buf_init(10000), false};
    struct buf b = buf_init(4 * LIMIT_MIB);
    struct error e;

    buf_add_text(&b, "{}\n");
    for (int i = 0; i < 17; i++) {
        size_t at = b.n;

        buf_add_text(&b, "{\"type\":\"a\",\"x\":\"");
        while (b.n - at < LIMIT_ENVELOPE_HEADER_BYTES - 2)
            buf_add_char(&b, 'y');
        buf_add_text(&b, "\"}\n\n");
        UNIT_EQ((take(buf_str(&b), 100000, &s, &e) == 0), (i < 15));
    }
    UNIT_EQ(e.kind, ERROR_TOO_LARGE);
    buf_release(&b);
    buf_release(&s.text);
}

static const struct unit_test tests[] = {
    {"envelopes_are_taken_apart_however_they_come",
     envelopes_are_taken_apart_however_they_come},
    {"what_the_sink_refuses_ends_it", what_the_sink_refuses_ends_it},
    {"headers_have_a_limit", headers_have_a_limit},
    {"headers_together_have_a_limit", headers_together_have_a_limit},
};

const struct unit_suite suite_envelope = {"envelope", tests, COUNT_OF(tests)};
