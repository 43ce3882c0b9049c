#include <string.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/limits.h"
#include "json/merge.h"
#include "json/scan.h"
#include "unit.h"

static const struct {
    int line;
    const char *objects[4];
    const char *merged;
} rows[] = {
    {__LINE__, {NULL}, "{}"},
    {__LINE__, {"{}"}, "{}"},
    {__LINE__, {"{}", "{\"a\":1}", "{}"}, "{\"a\":1}"},
    {__LINE__, {"{\"b\":1,\"a\":2}", "{\"c\":3}"}, "{\"b\":1,\"a\":2,\"c\":3}"},
    /* The first one counts, but a null does not. */
    {__LINE__, {"{\"a\":1}", "{\"a\":2}"}, "{\"a\":1}"},
    {__LINE__, {"{\"a\":null}", "{\"a\":2}"}, "{\"a\":2}"},
    {__LINE__, {"{\"a\":null}", "{\"a\":null}"}, "{\"a\":null}"},
    {__LINE__, {"{\"a\":false}", "{\"a\":2}"}, "{\"a\":false}"},
    {__LINE__, {"{\"a\":\"\"}", "{\"a\":2}"}, "{\"a\":\"\"}"},
    {__LINE__, {"{\"a\":[1]}", "{\"a\":[2]}"}, "{\"a\":[1]}"},
    {__LINE__, {"{\"a\":1}", "{\"a\":{\"b\":2}}"}, "{\"a\":1}"},
    {__LINE__, {"{\"a\":{\"b\":2}}", "{\"a\":1}"}, "{\"a\":{\"b\":2}}"},
    /* Objects are merged, at any depth. */
    {__LINE__,
     {"{\"t\":{\"a\":1,\"x\":{\"p\":1}}}", "{\"t\":{\"b\":2,\"a\":3,\"x\":{\"q\":2}}}"},
     "{\"t\":{\"a\":1,\"x\":{\"p\":1,\"q\":2},\"b\":2}}"},
    {__LINE__,
     {"{\"t\":null}", "{\"t\":{\"a\":1}}", "{\"t\":7}", "{\"t\":{\"b\":2}}"},
     "{\"t\":{\"a\":1,\"b\":2}}"},
    {__LINE__, {"{\"t\":{}}", "{\"t\":{}}"}, "{\"t\":{}}"},
    /* Within one object the last one counts. */
    {__LINE__, {"{\"a\":1,\"b\":0,\"a\":2}"}, "{\"b\":0,\"a\":2}"},
    {__LINE__, {"{\"a\":{\"x\":1},\"a\":{\"y\":2}}", "{}"}, "{\"a\":{\"y\":2}}"},
    /* Names are compared as they read, and kept as they are written. */
    {__LINE__, {"{\"\\u0061\":1}", "{\"a\":2,\"\":3}"}, "{\"\\u0061\":1,\"\":3}"},
    {__LINE__, {" { \"a\" : [ 1 ] } "}, "{\"a\":[ 1 ]}"},
};

static struct str
valid(const char *text)
{
    struct str value;
    struct error e;

    UNIT_EQ(scan_value(unit_exact(str_of(text)), LIMIT_JSON_DEPTH, &value, &e), 0);
    return value;
}

static void
members_of_all_are_in_the_result(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str objects[4], out;
        struct error e;
        size_t n = 0;

        for (; n < 4 && rows[i].objects[n] != NULL; n++)
            objects[n] = valid(rows[i].objects[n]);
        UNIT_EQ_AT(rows[i].line, merge_objects(unit_arena(), objects, n, &out, &e), 0);
        UNIT_STR_AT(rows[i].line, out, rows[i].merged);
    }
}

static void
the_deepest_objects_are_merged(void)
{
    struct buf b[2] = {buf_init(LIMIT_MIB), buf_init(LIMIT_MIB)};
    struct str objects[2], out;
    struct error e;

    for (size_t i = 0; i < 2; i++) {
        for (unsigned depth = 1; depth < LIMIT_JSON_DEPTH; depth++)
            buf_add_text(&b[i], "{\"a\":");
        buf_add_text(&b[i], i == 0 ? "{\"x\":1}" : "{\"y\":2}");
        for (unsigned depth = 1; depth < LIMIT_JSON_DEPTH; depth++)
            buf_add_char(&b[i], '}');
        objects[i] = valid(buf_text(&b[i]));
    }
    UNIT_EQ(merge_objects(unit_arena(), objects, 2, &out, &e), 0);
    UNIT(memmem(out.p, out.n, "{\"x\":1,\"y\":2}", 13) != NULL);
    buf_release(&b[0]);
    buf_release(&b[1]);
}

/* Returns the work for two objects of so many members each, with names in common. */
static uint64_t
work_of(unsigned members)
{
    struct buf b = buf_init(8 * LIMIT_MIB);
    struct str objects[2], out;
    struct error e;

    buf_add_char(&b, '{');
    for (unsigned i = 0; i < members; i++)
        buf_add_f(&b, "%s\"a%u\":{\"b\":{}}", i == 0 ? "" : ",", i * 7919 % members);
    buf_add_char(&b, '}');
    objects[0] = objects[1] = valid(buf_text(&b));
    budget_begin(0);
    UNIT_EQ(merge_objects(unit_arena(), objects, 2, &out, &e), 0);
    buf_release(&b);
    return the_budget.spent;
}

static void
twice_the_members_are_twice_the_work(void)
{
    UNIT(work_of(4000) * 10 <= work_of(2000) * 22);
}

static const struct unit_test tests[] = {
    {"members_of_all_are_in_the_result", members_of_all_are_in_the_result},
    {"the_deepest_objects_are_merged", the_deepest_objects_are_merged},
    {"twice_the_members_are_twice_the_work", twice_the_members_are_twice_the_work},
};

const struct unit_suite suite_merge = {"merge", tests, COUNT_OF(tests)};
