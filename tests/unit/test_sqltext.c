#include <stdio.h>

#include "store/sqltext.h"
#include "unit.h"

static bool
fills(const char *text, const char *wanted)
{
    const struct sqltext values[] = {{"name", "events_1"}, {"n", "7"}};
    struct buf out;
    bool same;

    sqltext_fill(text, values, COUNT_OF(values), &out);
    same = !out.failed && unit_is((struct str){out.data, out.n - 1}, wanted);
    if (!same)
        (void)printf("%s\n", out.data);
    buf_release(&out);
    return same;
}

static void
variables_are_filled_and_nothing_else(void)
{
    static const struct {
        int line;
        const char *text, *wanted;
    } rows[] = {
        {__LINE__, "", ""},
        {__LINE__, "SELECT 1", "SELECT 1"},
        {__LINE__, ":name", "events_1"},
        {__LINE__, "a :name, :n;", "a events_1, 7;"},
        {__LINE__, "to_regclass(:'name')", "to_regclass('events_1')"},
        {__LINE__, "$1::n :n", "$1::n 7"},
        {__LINE__, "'00:00:00' :names :", "'00:00:00' :names :"},
        {__LINE__, ":name_ :nam :n", ":name_ :nam 7"},
        {__LINE__, ":n:n", "77"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_AT(rows[i].line, fills(rows[i].text, rows[i].wanted));
}

static const struct unit_test tests[] = {
    {"variables_are_filled_and_nothing_else", variables_are_filled_and_nothing_else},
};

const struct unit_suite suite_sqltext = {"sqltext", tests, COUNT_OF(tests)};
