#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "json/bulk.h"
#include "unit.h"

static void
an_array_is_cut_into_its_items(void)
{
    static const char *const expected[] = {"{\"a\":1}", "7", "null", "[[]]", "\"]\""};
    struct str *items;
    size_t count;
    struct error e;

    UNIT_EQ(bulk_array(unit_arena(),
                       unit_exact(STR(" [{\"a\":1}, 7 ,null,[[]],\"]\"]\n")), 5, &items,
                       &count, &e),
            0);
    UNIT_EQ(count, COUNT_OF(expected));
    for (size_t i = 0; i < count; i++)
        UNIT_STR(items[i], expected[i]);
}

static void
lines_are_cut_at_newlines(void)
{
    struct str *items;
    size_t count;
    struct error e;

    UNIT_EQ(bulk_lines(unit_arena(),
                       unit_exact(STR("\n{\"a\":1}\r\n\r\n \t\n{broken\n7")), 3, &items,
                       &count, &e),
            0);
    UNIT_EQ(count, 3);
    UNIT_STR(items[0], "{\"a\":1}");
    UNIT_STR(items[1], "{broken");
    UNIT_STR(items[2], "7");
}

typedef int cutter(struct arena *, struct str, size_t, struct str **, size_t *,
                   struct error *);

/* Cuts n events with a limit of 100. */
static int
cut(cutter *fn, size_t n, const char *begin, const char *between, struct error *e)
{
    struct buf b = buf_init(100000);
    struct str *items;
    size_t count = 0;
    int result;

    buf_add_text(&b, begin);
    for (size_t i = 0; i < n; i++)
        buf_add_f(&b, "%s{}", i == 0 ? "" : between);
    buf_add_text(&b, begin[0] == '[' ? "]" : "\n");
    result = fn(unit_arena(), unit_exact(buf_str(&b)), 100, &items, &count, e);
    UNIT(result != 0 || count == n);
    buf_release(&b);
    return result;
}

static void
the_number_of_events_is_limited_exactly(void)
{
    struct error e;

    UNIT(cut(bulk_array, 1, "[", ",", &e) == 0 && cut(bulk_lines, 1, "", "\n", &e) == 0);
    UNIT(cut(bulk_array, 99, "[", ",", &e) == 0 &&
         cut(bulk_lines, 99, "", "\n", &e) == 0);
    UNIT(cut(bulk_array, 100, "[", ",", &e) == 0 &&
         cut(bulk_lines, 100, "", "\n", &e) == 0);
    UNIT(cut(bulk_array, 101, "[", ",", &e) == -1 && e.kind == ERROR_MALFORMED);
    UNIT_STR(str_of(e.text), "too many events: limit is 100");
    UNIT(cut(bulk_lines, 101, "", "\n", &e) == -1 && e.kind == ERROR_MALFORMED);
    UNIT_STR(str_of(e.text), "too many events: limit is 100");
}

/* A byte order mark alone in a line is blank. */
static void
lines_may_all_be_blank(void)
{
    static const char *const bodies[] = {"\n\xef\xbb\xbf\n", "\xef\xbb\xbf\n\xef\xbb\xbf",
                                         "\xef\xbb\xbf"};

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct str *items;
        size_t count;
        struct error e;

        UNIT_EQ(bulk_lines(unit_arena(), unit_exact(str_of(bodies[i])), 9, &items, &count,
                           &e),
                -1);
        UNIT_STR(str_of(e.text), "empty body");
    }
}

static void
what_is_no_bulk_says_why(void)
{
    static const struct {
        int line;
        const char *body, *text;
    } rows[] = {
        {__LINE__, "", "empty body"},
        {__LINE__, " \r\n", "empty body"},
        {__LINE__, "[]", "no events: the array is empty"},
        {__LINE__, "null", "a bulk must be a JSON array, got null"},
        {__LINE__, "{}", "a bulk must be a JSON array, got an object"},
        {__LINE__, "[{}", "invalid JSON at byte 3: unexpected end"},
        {__LINE__, "[{}]x", "invalid JSON at byte 4: expected nothing more"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str *items;
        size_t count;
        struct error e;

        UNIT_EQ_AT(rows[i].line,
                   bulk_array(unit_arena(), unit_exact(str_of(rows[i].body)), 9, &items,
                              &count, &e),
                   -1);
        UNIT_AT(rows[i].line,
                e.kind == ERROR_MALFORMED && strcmp(e.text, rows[i].text) == 0);
    }
}

static void
an_array_that_is_cut_stores_nothing(void)
{
    const struct str all = STR("[{\"message\":\"a\"},{\"message\":\"b\"}]");
    struct str *items;
    size_t count;
    struct error e;

    for (size_t n = 0; n < all.n; n++)
        UNIT_EQ(bulk_array(unit_arena(), unit_exact((struct str){all.p, n}), 9, &items,
                           &count, &e),
                -1);
}

static void
blank_lines_alone_are_an_empty_body(void)
{
    struct str *items;
    size_t count;
    struct error e;

    UNIT_EQ(bulk_lines(unit_arena(), unit_exact(STR("\n\r\n \n")), 9, &items, &count, &e),
            -1);
    UNIT_STR(str_of(e.text), "empty body");
}

static void
a_full_arena_is_no_fault_of_the_client(void)
{
    struct arena *a = arena_new(16, 16);
    struct str *items;
    size_t count;
    struct error e;

    UNIT_EQ(bulk_array(a, STR("[1,2,3]"), 9, &items, &count, &e), -1);
    UNIT(e.kind == ERROR_UNAVAILABLE && e.retry_after_s > 0);
    arena_free(a);
}

static const struct unit_test tests[] = {
    {"lines_may_all_be_blank", lines_may_all_be_blank},
    {"an_array_is_cut_into_its_items", an_array_is_cut_into_its_items},
    {"lines_are_cut_at_newlines", lines_are_cut_at_newlines},
    {"the_number_of_events_is_limited_exactly", the_number_of_events_is_limited_exactly},
    {"what_is_no_bulk_says_why", what_is_no_bulk_says_why},
    {"an_array_that_is_cut_stores_nothing", an_array_that_is_cut_stores_nothing},
    {"blank_lines_alone_are_an_empty_body", blank_lines_alone_are_an_empty_body},
    {"a_full_arena_is_no_fault_of_the_client", a_full_arena_is_no_fault_of_the_client},
};

const struct unit_suite suite_bulk = {"bulk", tests, COUNT_OF(tests)};
