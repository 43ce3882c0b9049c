#include <string.h>

#include "admit/scrubbing.h"
#include "unit.h"

static void
what_was_said_comes_back(void)
{
    static const struct scrubbing settings[] = {
        {true, false, false, STR_INIT(""), STR_INIT(""), STR_INIT("")},
        {false, true, false, STR_INIT("a,b"), STR_INIT(""), STR_INIT("")},
        {true, true, false, STR_INIT(""), STR_INIT("c"), STR_INIT("")},
        {true, false, false, STR_INIT("a b"), STR_INIT("c,d"), STR_INIT("")},
        {true, false, false, STR_INIT(""), STR_INIT(""), STR_INIT("localhost,message:x")},
        {true, false, false, STR_INIT("a"), STR_INIT("b"), STR_INIT("none")},
        {true, false, true, STR_INIT(""), STR_INIT(""), STR_INIT("")},
        {false, true, true, STR_INIT("a"), STR_INIT("b"), STR_INIT("localhost")},
    };

    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        const struct scrubbing *w = &settings[i];
        struct buf b = buf_init(SCRUBBING_MAX_BYTES);
        struct scrubbing got;

        scrubbing_format(w, &b);
        UNIT_EQ(scrubbing_parse(unit_exact(buf_str(&b)), &got), 0);
        UNIT(got.on == w->on && got.addresses == w->addresses);
        UNIT(str_eq(got.own, w->own) && str_eq(got.safe, w->safe));
        UNIT(got.filters.n == w->filters.n &&
             (got.filters.n == 0 || str_eq(got.filters, w->filters)));
        UNIT_EQ(got.old_issues, w->old_issues);
        if (i == 0)
            UNIT_STR(buf_str(&b), SCRUBBING_USUAL);
        buf_release(&b);
    }
}

static void
what_is_none_is_refused(void)
{
    static const char *const texts[] = {
        "",          "on",           "on\n",        "on\noff",
        "on\noff\n", "yes\noff\n\n", "on\nyes\n\n", "ON\noff\n\n"};
    struct scrubbing got;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT_EQ(scrubbing_parse(unit_exact(str_of(texts[i])), &got), -1);
}

/* count names of n letters, commas between them. */
static struct str
names(struct buf *b, size_t count, size_t n)
{
    *b = buf_init(2 * LIMIT_KIB);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(b, ',');
        for (size_t j = 0; j < n; j++)
            buf_add_char(b, (char)('a' + (int)(i % 26)));
    }
    return buf_str(b);
}

static void
lists_have_limits(void)
{
    static const struct {
        size_t count, n;
        bool good;
    } rows[] = {{1, 1, true},
                {LIMIT_SCRUB_NAMES - 1, 2, true},
                {LIMIT_SCRUB_NAMES, 2, true},
                {LIMIT_SCRUB_NAMES + 1, 2, false},
                {1, LIMIT_SCRUB_NAME_BYTES - 1, true},
                {1, LIMIT_SCRUB_NAME_BYTES, true},
                {1, LIMIT_SCRUB_NAME_BYTES + 1, false},
                {37, 26, true},   /* 998 bytes */
                {40, 24, true},   /* 999 */
                {13, 76, false},  /* 1000, but names too long */
                {19, 52, false}}; /* 1006 */
    struct buf b;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UNIT_EQ((scrubbing_check_list(
                     "x", unit_exact(names(&b, rows[i].count, rows[i].n)), &e) == 0),
                rows[i].good);
        UNIT(rows[i].good || e.kind == ERROR_MALFORMED);
        buf_release(&b);
    }
}

/* The last name is as long as it takes. */
static void
a_list_has_so_many_bytes(void)
{
    for (size_t n = LIMIT_SCRUB_LIST_BYTES - 1; n <= LIMIT_SCRUB_LIST_BYTES + 1; n++) {
        struct buf b;
        struct error e;

        (void)names(&b, 19, 49); /* 949 bytes */
        buf_add_char(&b, ',');
        while (b.n < n)
            buf_add_char(&b, 'x');
        UNIT_EQ((scrubbing_check_list("x", buf_str(&b), &e) == 0),
                (n <= LIMIT_SCRUB_LIST_BYTES));
        buf_release(&b);
    }
}

static void
odd_names_are_refused(void)
{
    static const char *const bad[] = {",",    "a,",   "a,,b", "-",    "a,_",
                                      "a\nb", "a\tb", "a,.",  "\xff", "a,\xc3"};
    static const char *const good[] = {"", "a", "a,b", "a b", "x-y", "7", "\xc3\xa9"};
    struct error e;

    for (size_t i = 0; i < COUNT_OF(bad); i++)
        UNIT(scrubbing_check_list("x", unit_exact(str_of(bad[i])), &e) == -1 &&
             e.kind == ERROR_MALFORMED);
    for (size_t i = 0; i < COUNT_OF(good); i++)
        UNIT_EQ(scrubbing_check_list("x", unit_exact(str_of(good[i])), &e), 0);
    UNIT_EQ(scrubbing_check_list("x", STR_NONE, &e), 0);
}

static void
it_is_fresh_for_a_while_and_never_forgotten(void)
{
    static struct scrubbing_table table;
    struct str text;
    bool fresh;

    UNIT(!scrubbing_get(&table, 7, 1000, &text, &fresh));
    scrubbing_put(&table, 7, 1000, STR("abc"));
    UNIT(scrubbing_get(&table, 7, 1000 + SCRUBBING_TTL_MS - 1, &text, &fresh) && fresh &&
         unit_is(text, "abc"));
    UNIT(scrubbing_get(&table, 7, 1000 + SCRUBBING_TTL_MS, &text, &fresh) && !fresh &&
         unit_is(text, "abc"));
    scrubbing_put(&table, 7, 5000, text); /* its own memory */
    UNIT(scrubbing_get(&table, 7, 5000, &text, &fresh) && fresh && unit_is(text, "abc"));
    UNIT(!scrubbing_get(&table, 8, 5000, &text, &fresh));
    scrubbing_put(&table, 7 + SCRUBBING_SLOTS, 5000, STR("x"));
    UNIT(!scrubbing_get(&table, 7, 5000, &text, &fresh));
}

static const struct unit_test tests[] = {
    {"what_was_said_comes_back", what_was_said_comes_back},
    {"what_is_none_is_refused", what_is_none_is_refused},
    {"lists_have_limits", lists_have_limits},
    {"a_list_has_so_many_bytes", a_list_has_so_many_bytes},
    {"odd_names_are_refused", odd_names_are_refused},
    {"it_is_fresh_for_a_while_and_never_forgotten",
     it_is_fresh_for_a_while_and_never_forgotten},
};

const struct unit_suite suite_scrubbing = {"scrubbing", tests, COUNT_OF(tests)};
