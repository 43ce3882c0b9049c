#include "sentry/minidump_form.h"
#include "unit.h"

#define CRASH                                                                   \
    "\"exception\":{\"values\":[{\"type\":\"Minidump\",\"value\":\"Minidump\"," \
    "\"mechanism\":{\"type\":\"minidump\",\"handled\":false,\"synthetic\":true}}]}}"
#define START "{\"platform\":\"native\",\"level\":\"fatal\""

static const struct {
    int line;
    const char *fields[8]; /* name, value, … */
    const char *event;
} rows[] = {
    {__LINE__, {NULL}, START ",\"extra\":{}," CRASH},
    {__LINE__,
     {"guid", "g\"1", "x", ""},
     START ",\"extra\":{\"guid\":\"g\\\"1\",\"x\":\"\"}," CRASH},
    {__LINE__, {"sentry", "{\"a\":1}"}, START ",\"extra\":{},\"a\":1," CRASH},
    {__LINE__, {"sentry", " { } "}, START ",\"extra\":{}," CRASH},
    {__LINE__, {"sentry", "[1]"}, START ",\"extra\":{}," CRASH},
    {__LINE__, {"sentry", "{\"a\":"}, START ",\"extra\":{}," CRASH},
    {__LINE__,
     {"sentry__1", "{\"a\"", "sentry__2", ":1}"},
     START ",\"extra\":{},\"a\":1," CRASH},
    {__LINE__, {"sentry[release]", "r"}, START ",\"release\":\"r\",\"extra\":{}," CRASH},
    {__LINE__,
     {"sentry[tags][a]", "1", "sentry[tags][b]", "2"},
     START ",\"tags\":{\"a\":\"1\",\"b\":\"2\"},\"extra\":{}," CRASH},
    {__LINE__,
     {"sentry[a", "x", "b\xff", "c", "d", "\xff"},
     START ",\"a\":\"x\",\"extra\":{}," CRASH},
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
            UNIT(minidump_form_field(&f, str_of(rows[i].fields[j]), &e) == 0);
            buf_add_text(&values, rows[i].fields[j + 1]);
        }
        UNIT_AT(rows[i].line, minidump_form_event(&f, &event, &e) == 0);
        UNIT_AT(rows[i].line, unit_is(event, rows[i].event));
        buf_release(&values);
    }
}

static const struct unit_test tests[] = {
    {"fields_make_an_event", fields_make_an_event},
};

const struct unit_suite suite_minidump_form = {"minidump_form", tests, COUNT_OF(tests)};
