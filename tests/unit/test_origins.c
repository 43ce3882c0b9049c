#include "admit/origins.h"
#include "unit.h"

static struct origins_table table;

static const struct {
    int line;
    bool allowed;
    const char *list, *origin;
} rows[] = {
    {__LINE__, true, "*", "https://a.b"},
    {__LINE__, true, "*", "null"},
    {__LINE__, false, "", "https://a.b"},
    {__LINE__, true, "null", "null"},
    {__LINE__, true, "https://a.b", "https://a.b"},
    {__LINE__, true, "https://a.b", "HTTPS://A.B"},
    {__LINE__, false, "https://a.b", "http://a.b"},
    {__LINE__, false, "https://a.b", "https://a.b:8443"},
    {__LINE__, false, "https://a.b", "https://a.b.c"},
    {__LINE__, true, "https://a.b", "https://a.b/page?x"},
    {__LINE__, true, "a.b", "https://a.b"},
    {__LINE__, true, "a.b", "http://a.b:99"},
    {__LINE__, true, "a.b:99", "http://a.b:99"},
    {__LINE__, false, "a.b:99", "http://a.b"},
    {__LINE__, false, "a.b", "https://xa.b"},
    {__LINE__, true, "*.a.b", "https://x.a.b"},
    {__LINE__, true, "*.a.b", "https://x.y.a.b:1"},
    {__LINE__, false, "*.a.b", "https://a.b"},
    {__LINE__, false, "*.a.b", "https://xa.b"},
    {__LINE__, false, "https://*.a.b", "http://x.a.b"},
    {__LINE__, true, "x, ,y  a.b", "https://a.b"},
    {__LINE__, false, "x,y", "https://a.b"},
    {__LINE__, false, "a.b", ""},
};

static void
lists_allow_what_they_name(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_EQ_AT(rows[i].line,
                   origins_allow(unit_exact(str_of(rows[i].list)),
                                 unit_exact(str_of(rows[i].origin))),
                   rows[i].allowed);
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
