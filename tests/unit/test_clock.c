#include <string.h>

#include "base/clock.h"
#include "unit.h"

static const struct {
    int line;
    int64_t at_us;
    const char *text;
} rows[] = {
    {__LINE__, 0, "1970-01-01T00:00:00.000000Z"},
    {__LINE__, 1, "1970-01-01T00:00:00.000001Z"},
    {__LINE__, -1, "1969-12-31T23:59:59.999999Z"},
    {__LINE__, 946684800000000, "2000-01-01T00:00:00.000000Z"},
    {__LINE__, 951782399999999, "2000-02-28T23:59:59.999999Z"},
    {__LINE__, 951782400000000, "2000-02-29T00:00:00.000000Z"},
    {__LINE__, 4107542400000000, "2100-03-01T00:00:00.000000Z"},
    {__LINE__, 253402300799999999, "9999-12-31T23:59:59.999999Z"},
    {__LINE__, 253402300800000000, "9999-12-31T23:59:59.000000Z"},
    {__LINE__, INT64_MAX, "9999-12-31T23:59:59.775807Z"},
    {__LINE__, -62167219200000000, "0000-01-01T00:00:00.000000Z"},
    {__LINE__, -62167219200000001, "0000-01-01T00:00:00.999999Z"},
    {__LINE__, INT64_MIN, "0000-01-01T00:00:00.224192Z"},
};

static void
times_are_written_in_utc_and_clamped(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[CLOCK_TEXT_BYTES];

        clock_format(rows[i].at_us, text);
        UNIT_STR_AT(rows[i].line, str_of(text), rows[i].text);
    }
}

static void
clocks_do_not_go_back(void)
{
    int64_t before_ms = clock_now_ms();

    for (int i = 0; i < 1000; i++) {
        int64_t now_ms = clock_now_ms();

        UNIT(now_ms >= before_ms);
        before_ms = now_ms;
    }
    UNIT(clock_wall_us() > 1577836800000000); /* 2020: microseconds, not something else */
    UNIT(clock_wall_us() < 7258118400000000); /* 2200 */
}

static const struct unit_test tests[] = {
    {"times_are_written_in_utc_and_clamped", times_are_written_in_utc_and_clamped},
    {"clocks_do_not_go_back", clocks_do_not_go_back},
};

const struct unit_suite suite_clock = {"clock", tests, COUNT_OF(tests)};
