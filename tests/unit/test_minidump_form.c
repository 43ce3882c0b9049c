#include <string.h>

#include "base/limits.h"
#include "json/scan.h"
#include "sentry/minidump_form.h"
#include "unit.h"

#define CRASH                                                                    \
    "{\"exception\":{\"values\":[{\"type\":\"Minidump\",\"value\":\"Minidump\"," \
    "\"mechanism\":{\"type\":\"minidump\",\"handled\":false,\"synthetic\":true}}]},"
#define DEFAULTS "\"platform\":\"native\",\"level\":\"fatal\"}"

static const struct {
    int line;
    const char *fields[8]; /* name, value, … */
    const char *event;
} rows[] = {
    {__LINE__, {NULL}, CRASH DEFAULTS},
    {__LINE__,
     {"guid", "g\"1", "x", ""},
     CRASH "\"extra\":{\"guid\":\"g\\\"1\",\"x\":\"\"}," DEFAULTS},
    {__LINE__, {"sentry", "{\"a\":1}"}, CRASH "\"a\":1," DEFAULTS},
    {__LINE__,
     {"sentry", "{\"level\":\"info\"}"},
     CRASH "\"level\":\"info\",\"platform\":\"native\"}"},
    {__LINE__, {"sentry", " { } "}, CRASH DEFAULTS},
    {__LINE__, {"sentry", "\xef\xbb\xbf{\"a\":NaN}"}, CRASH "\"a\":null," DEFAULTS},
    {__LINE__, {"sentry", "{\"a\":\"\xff\"}"}, CRASH "\"a\":\"\xef\xbf\xbd\"," DEFAULTS},
    /* What is not an object can be seen nevertheless. */
    {__LINE__, {"sentry", "[1]"}, CRASH "\"extra\":{\"sentry\":\"[1]\"}," DEFAULTS},
    {__LINE__, {"sentry___x", "{"}, CRASH "\"extra\":{\"sentry___x\":\"{\"}," DEFAULTS},
    {__LINE__,
     {"sentry__2", "{", "sentry__1", "x"},
     CRASH "\"extra\":{\"sentry__\":\"x{\"}," DEFAULTS},
    /* Each is an object of its own … */
    {__LINE__,
     {"sentry", "{\"a\":1}", "sentry___g", "{\"b\":2,\"a\":0}", "sentry___", "{\"c\":3}"},
     CRASH "\"a\":1,\"b\":2,\"c\":3," DEFAULTS},
    {__LINE__,
     {"sentry___g", "{\"tags\":{\"x\":\"1\"}}", "sentry___h",
      "{\"tags\":{\"y\":\"2\"},\"user\":{\"id\":1}}"},
     CRASH "\"tags\":{\"x\":\"1\",\"y\":\"2\"},\"user\":{\"id\":1}," DEFAULTS},
    /* … except for the pieces, which are in order and come last. */
    {__LINE__, {"sentry__1", "{\"a\"", "sentry__2", ":1}"}, CRASH "\"a\":1," DEFAULTS},
    {__LINE__,
     {"sentry__10", "0}", "sentry__9", "2", "sentry__0", "{\"a\":"},
     CRASH "\"a\":20," DEFAULTS},
    {__LINE__,
     {"sentry__1", "{\"a\":", "x", "y", "sentry__2", "1}", "sentry", "{\"a\":2}"},
     CRASH "\"extra\":{\"x\":\"y\"},\"a\":2," DEFAULTS},
    {__LINE__,
     {"sentry__x", "1", "sentry__-1", "2", "sentry__", "3"},
     CRASH
     "\"extra\":{\"sentry__x\":\"1\",\"sentry__-1\":\"2\",\"sentry__\":\"3\"}," DEFAULTS},
    /* Brackets, of any depth. */
    {__LINE__, {"sentry[release]", "r"}, CRASH "\"release\":\"r\"," DEFAULTS},
    {__LINE__,
     {"sentry[tags][a]", "1", "guid", "g", "sentry[tags][b]", "2"},
     CRASH "\"tags\":{\"a\":\"1\",\"b\":\"2\"},\"extra\":{\"guid\":\"g\"}," DEFAULTS},
    {__LINE__,
     {"sentry[a][b][c]", "1", "sentry[a][b][d]", "2", "sentry[a][b]", "3", "sentry[]",
      "z"},
     CRASH "\"a\":{\"b\":{\"c\":\"1\",\"d\":\"2\"}},\"\":\"z\"," DEFAULTS},
    {__LINE__,
     {"sentry[extra][a]", "1", "b", "2", "sentry", "{\"extra\":{\"c\":3},\"tags\":{}}"},
     CRASH "\"extra\":{\"a\":\"1\",\"b\":\"2\",\"c\":3},\"tags\":{}," DEFAULTS},
    /* These are no brackets. */
    {__LINE__,
     {"sentry[a", "x", "sentry[a]b", "y", "sentry[a]]", "z", "sentry]", ""},
     CRASH "\"extra\":{\"sentry[a\":\"x\",\"sentry[a]b\":\"y\",\"sentry[a]]\":\"z\","
           "\"sentry]\":\"\"}," DEFAULTS},
    {__LINE__,
     {"sentrya", "x", "b\xff", "c", "d", "\xff"},
     CRASH "\"extra\":{\"sentrya\":\"x\",\"b\xef\xbf\xbd\":\"c\",\"d\":\"\xef\xbf\xbd\"}"
           "," DEFAULTS},
};

static void
fields_make_an_event(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf values = buf_init(0);
        struct minidump_form f;
        struct str event;
        struct error e;

        minidump_form_init(&f, unit_arena(), &values, 10000);
        for (size_t j = 0; j < 8 && rows[i].fields[j] != NULL; j += 2) {
            UNIT_EQ(minidump_form_field(&f, str_of(rows[i].fields[j]), &e), 0);
            buf_add_text(&values, rows[i].fields[j + 1]);
        }
        UNIT_EQ_AT(rows[i].line, minidump_form_event(&f, NULL, 0, &event, &e), 0);
        UNIT_STR_AT(rows[i].line, event, rows[i].event);
        buf_release(&values);
    }
}

/* Returns an event whose only field has a name with so many brackets. */
static struct str
deep(size_t depth)
{
    struct buf values = buf_init(0), name = buf_init(LIMIT_MIB);
    struct minidump_form f;
    struct str event;
    struct error e;

    buf_add_text(&name, "sentry");
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&name, "[k]");
    minidump_form_init(&f, unit_arena(), &values, 10000);
    UNIT_EQ(minidump_form_field(&f, buf_str(&name), &e), 0);
    UNIT_EQ(minidump_form_event(&f, NULL, 0, &event, &e), 0);
    buf_release(&values);
    buf_release(&name);
    return event;
}

static void
brackets_go_as_deep_as_json(void)
{
    struct str object;
    struct error e;

    for (size_t more = 0; more < 3; more++) {
        struct str event = deep(LIMIT_JSON_DEPTH - 1 + more);

        UNIT_EQ(scan_value(event, LIMIT_JSON_DEPTH, &object, &e), 0);
        UNIT_EQ(memmem(event.p, event.n, "extra", 5) != NULL, more == 2);
    }
}

static void
other_objects_come_before_the_fields(void)
{
    const struct str first[] = {STR("{\"a\":1}"), STR("{\"a\":0,\"b\":2}")};
    struct buf values = buf_init(0);
    struct minidump_form f;
    struct str event;
    struct error e;

    minidump_form_init(&f, unit_arena(), &values, 10000);
    UNIT_EQ(minidump_form_field(&f, STR("sentry[b]"), &e), 0);
    UNIT_EQ(minidump_form_event(&f, first, 2, &event, &e), 0);
    UNIT_STR(event, CRASH "\"a\":1,\"b\":2," DEFAULTS);
    buf_release(&values);
}

static const struct unit_test tests[] = {
    {"brackets_go_as_deep_as_json", brackets_go_as_deep_as_json},
    {"other_objects_come_before_the_fields", other_objects_come_before_the_fields},
    {"fields_make_an_event", fields_make_an_event},
};

const struct unit_suite suite_minidump_form = {"minidump_form", tests, COUNT_OF(tests)};
