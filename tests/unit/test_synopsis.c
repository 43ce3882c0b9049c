#include <string.h>

#include "cmd/ctl_synopsis.h"
#include "unit.h"

#define LIST "[PROJECT] [--level a|b] [--limit N] [--in R | --in-next]"

static void
options_and_their_values_are_found(void)
{
    static const struct {
        const char *synopsis, *option, *value;
        bool found;
        int line;
    } rows[] = {
        {LIST, "level", "a|b", true, __LINE__},
        {LIST, "limit", "N", true, __LINE__},
        {LIST, "in", "R", true, __LINE__},
        {LIST, "in-next", "", true, __LINE__},
        {LIST, "lim", "", false, __LINE__},
        {LIST, "PROJECT", "", false, __LINE__},
        {"ISSUE --yes", "yes", "", true, __LINE__},
        {"ISSUE NAME | ISSUE --nobody [--by NAME]", "nobody", "", true, __LINE__},
        {"ISSUE NAME | ISSUE --nobody [--by NAME]", "by", "NAME", true, __LINE__},
        {"", "x", "", false, __LINE__},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str value = STR_NONE;

        UNIT_AT(rows[i].line,
                synopsis_has(rows[i].synopsis, rows[i].option, &value) == rows[i].found);
        UNIT_AT(rows[i].line, value.n == strlen(rows[i].value) &&
                                  (value.n == 0 || str_eq(value, str_of(rows[i].value))));
    }
}

static void
arguments_are_counted(void)
{
    static const struct {
        const char *synopsis;
        size_t n;
        const char *missing;
        int rc, line;
    } rows[] = {
        {"", 0, "", 0, __LINE__},
        {"", 1, "", 1, __LINE__},
        {LIST, 0, "", 0, __LINE__},
        {LIST, 1, "", 0, __LINE__},
        {LIST, 2, "", 1, __LINE__},
        {"PROJECT KEY=VALUE...", 1, "KEY=VALUE", -1, __LINE__},
        {"PROJECT KEY=VALUE...", 2, "", 0, __LINE__},
        {"PROJECT KEY=VALUE...", 60, "", 0, __LINE__},
        {"ISSUE NAME | ISSUE --nobody [--by NAME]", 0, "ISSUE", -1, __LINE__},
        {"ISSUE NAME | ISSUE --nobody [--by NAME]", 1, "", 0, __LINE__},
        {"ISSUE NAME | ISSUE --nobody [--by NAME]", 2, "", 0, __LINE__},
        {"ISSUE NAME | ISSUE --nobody [--by NAME]", 3, "", 1, __LINE__},
        {"[COMMAND...]", 0, "", 0, __LINE__},
        {"[COMMAND...]", 9, "", 0, __LINE__},
        {"NAME|all", 0, "NAME|all", -1, __LINE__},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str missing;
        int rc = synopsis_arguments(rows[i].synopsis, rows[i].n, &missing);

        UNIT_AT(rows[i].line, rc == rows[i].rc);
        UNIT_AT(rows[i].line, rc >= 0 || str_eq(missing, str_of(rows[i].missing)));
    }
}

static void
words_are_chosen_from(void)
{
    UNIT(synopsis_allows(STR("a|bc|d"), "a"));
    UNIT(synopsis_allows(STR("a|bc|d"), "bc"));
    UNIT(synopsis_allows(STR("a|bc|d"), "d"));
    UNIT(!synopsis_allows(STR("a|bc|d"), "b"));
    UNIT(!synopsis_allows(STR("a|bc|d"), ""));
    UNIT(synopsis_allows(STR("N"), "anything"));
    UNIT(synopsis_allows(STR_NONE, "anything"));
}

static const struct unit_test tests[] = {
    {"options_and_their_values_are_found", options_and_their_values_are_found},
    {"arguments_are_counted", arguments_are_counted},
    {"words_are_chosen_from", words_are_chosen_from},
};

const struct unit_suite suite_synopsis = {"synopsis", tests, COUNT_OF(tests)};
