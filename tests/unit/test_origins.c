#include "admit/origins.h"
#include "unit.h"

static struct origins_table table;

static const struct {
    int line;
    const char *list, *origin;
    bool allowed;
} rows[] = {
    {__LINE__, "*", "https://a.b", true},
    {__LINE__, "*", "null", true},
    {__LINE__, "", "https://a.b", false},
    {__LINE__, "null", "null", true},
    {__LINE__, "https://a.b", "https://a.b", true},
    {__LINE__, "https://a.b", "HTTPS://A.B", true},
    {__LINE__, "https://a.b", "http://a.b", false},
    {__LINE__, "https://a.b", "https://a.b:8443", false},
    {__LINE__, "https://a.b", "https://a.b.c", false},
    {__LINE__, "https://a.b", "https://a.b/page?x", true},
    {__LINE__, "a.b", "https://a.b", true},
    {__LINE__, "a.b", "http://a.b:99", true},
    {__LINE__, "a.b:99", "http://a.b:99", true},
    {__LINE__, "a.b:99", "http://a.b", false},
    {__LINE__, "a.b", "https://xa.b", false},
    {__LINE__, "*.a.b", "https://x.a.b", true},
    {__LINE__, "*.a.b", "https://x.y.a.b:1", true},
    {__LINE__, "*.a.b", "https://a.b", false},
    {__LINE__, "*.a.b", "https://xa.b", false},
    {__LINE__, "https://*.a.b", "http://x.a.b", false},
    {__LINE__, "x, ,y  a.b", "https://a.b", true},
    {__LINE__, "x,y", "https://a.b", false},
    {__LINE__, "a.b", "", false},
};

static void
lists_allow_what_they_name(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_AT(rows[i].line,
                origins_allow(unit_exact(str_of(rows[i].list)),
                              unit_exact(str_of(rows[i].origin))) == rows[i].allowed);
}

static void
a_list_is_known_for_a_while(void)
{
    struct str list;

    UNIT(!origins_get(&table, 7, 1000, &list));
    origins_put(&table, 7, 1000, STR("a.b"));
    UNIT(origins_get(&table, 7, 1000 + ORIGINS_TTL_MS - 1, &list) &&
         unit_is(list, "a.b"));
    UNIT(!origins_get(&table, 7, 1000 + ORIGINS_TTL_MS, &list));
    UNIT(!origins_get(&table, 8, 1000, &list));
}

static void
two_projects_on_one_slot_push_each_other_out(void)
{
    struct str list;

    origins_put(&table, 1, 1000, STR("one"));
    origins_put(&table, 1 + ORIGINS_SLOTS, 1000, STR(""));
    UNIT(!origins_get(&table, 1, 1000, &list));
    UNIT(origins_get(&table, 1 + ORIGINS_SLOTS, 1000, &list) && list.n == 0);
}

static void
the_longest_list_fits(void)
{
    static char text[ORIGINS_MAX_BYTES];
    struct str list;

    origins_put(&table, 5, 1, (struct str){text, sizeof text});
    UNIT(origins_get(&table, 5, 1, &list) && list.n == sizeof text);
}

static const struct unit_test tests[] = {
    {"lists_allow_what_they_name", lists_allow_what_they_name},
    {"a_list_is_known_for_a_while", a_list_is_known_for_a_while},
    {"two_projects_on_one_slot_push_each_other_out",
     two_projects_on_one_slot_push_each_other_out},
    {"the_longest_list_fits", the_longest_list_fits},
};

const struct unit_suite suite_origins = {"origins", tests, COUNT_OF(tests)};
