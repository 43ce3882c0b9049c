#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "event/normal.h"
#include "monitor/schedule.h"
#include "monitor/zone.h"
#include "unit.h"

/* Seconds since 1970 of a time with its offset. */
static int64_t
seconds(const char *text)
{
    int64_t at_us = 0;

    UNIT_EQ(normal_time_text(str_of(text), &at_us), 0);
    return at_us / 1000000;
}

struct row {
    int line;
    const char *zone, *value, *unit; /* unit NULL: a crontab */
    const char *after, *next;
};

static void
check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *unit = rows[i].unit;
        struct schedule s;
        struct error e;
        int64_t next = 0, expected = seconds(rows[i].next);

        UNIT_EQ(zone_use(rows[i].zone), 0);
        UNIT_EQ(schedule_parse(unit == NULL ? STR("crontab") : STR("interval"),
                               unit_exact(str_of(rows[i].value)), str_of(unit), &s, &e),
                0);
        UNIT(schedule_next(&s, seconds(rows[i].after), &next));
        if (next != expected)
            printf("line %d: %lld s off\n", rows[i].line, (long long)(next - expected));
        UNIT_EQ(next, expected);
    }
    UNIT_EQ(zone_use("UTC"), 0);
}

#define BERLIN "Europe/Berlin"
#define YORK "America/New_York"

static void
crontabs_follow_local_time(void)
{
    static const struct row rows[] = {
        {__LINE__, "UTC", "0 2 * * *", NULL, "2026-05-01T02:00:00Z",
         "2026-05-02T02:00:00Z"},
        {__LINE__, "UTC", "0 2 * * *", NULL, "2026-05-01T01:59:59Z",
         "2026-05-01T02:00:00Z"},
        {__LINE__, "UTC", "* * * * *", NULL, "2026-05-01T01:59:30Z",
         "2026-05-01T02:00:00Z"},
        {__LINE__, BERLIN, "0 2 * * *", NULL, "2026-05-01T02:00:00Z",
         "2026-05-02T02:00:00+02:00"},
        {__LINE__, YORK, "0 9 * * 1", NULL, "2026-11-28T12:00:00Z",
         "2026-11-30T09:00:00-05:00"},
        {__LINE__, "Asia/Kolkata", "30 5 * * *", NULL, "2026-05-01T00:00:00Z",
         "2026-05-02T05:30:00+05:30"},
    };

    check(rows, COUNT_OF(rows));
}

/* At 02:00 it is 03:00. */
static void
a_time_that_is_left_out_comes_late(void)
{
    static const struct row rows[] = {
        /* Given hours: when the clocks have changed; the next day as always. */
        {__LINE__, BERLIN, "30 2 * * *", NULL, "2026-03-28T02:30:00+01:00",
         "2026-03-29T03:00:00+02:00"},
        {__LINE__, BERLIN, "30 2 * * *", NULL, "2026-03-29T03:00:00+02:00",
         "2026-03-30T02:30:00+02:00"},
        {__LINE__, BERLIN, "0 2 * * *", NULL, "2026-03-29T01:59:00+01:00",
         "2026-03-29T03:00:00+02:00"},
        {__LINE__, YORK, "15 2 * * *", NULL, "2026-03-08T01:00:00-05:00",
         "2026-03-08T03:00:00-04:00"},
        {__LINE__, BERLIN, "0 3 * * *", NULL, "2026-03-29T01:00:00+01:00",
         "2026-03-29T03:00:00+02:00"},
        /* Any hour: never. */
        {__LINE__, BERLIN, "30 * * * *", NULL, "2026-03-29T01:30:00+01:00",
         "2026-03-29T03:30:00+02:00"},
        {__LINE__, BERLIN, "*/20 * * * *", NULL, "2026-03-29T01:40:00+01:00",
         "2026-03-29T03:00:00+02:00"},
        {__LINE__, YORK, "59 * * * *", NULL, "2026-03-08T01:59:00-05:00",
         "2026-03-08T03:59:00-04:00"},
    };

    check(rows, COUNT_OF(rows));
}

/* At 03:00 it is 02:00 again. */
static void
a_time_that_is_repeated(void)
{
    static const struct row rows[] = {
        /* Given hours: once. */
        {__LINE__, BERLIN, "30 2 * * *", NULL, "2026-10-25T02:00:00+02:00",
         "2026-10-25T02:30:00+02:00"},
        {__LINE__, BERLIN, "30 2 * * *", NULL, "2026-10-25T02:30:00+02:00",
         "2026-10-26T02:30:00+01:00"},
        {__LINE__, BERLIN, "30 2 * * *", NULL, "2026-10-25T02:10:00+01:00",
         "2026-10-26T02:30:00+01:00"},
        {__LINE__, BERLIN, "0 3 * * *", NULL, "2026-10-25T02:30:00+02:00",
         "2026-10-25T03:00:00+01:00"},
        {__LINE__, YORK, "30 1 * * *", NULL, "2026-11-01T01:30:00-04:00",
         "2026-11-02T01:30:00-05:00"},
        /* Any hour: both times. */
        {__LINE__, BERLIN, "30 * * * *", NULL, "2026-10-25T02:30:00+02:00",
         "2026-10-25T02:30:00+01:00"},
        {__LINE__, BERLIN, "30 * * * *", NULL, "2026-10-25T02:30:00+01:00",
         "2026-10-25T03:30:00+01:00"},
        {__LINE__, BERLIN, "*/10 * * * *", NULL, "2026-10-25T02:50:00+02:00",
         "2026-10-25T02:00:00+01:00"},
        {__LINE__, BERLIN, "*/10 * * * *", NULL, "2026-10-25T02:50:00+01:00",
         "2026-10-25T03:00:00+01:00"},
        {__LINE__, BERLIN, "0 * * * *", NULL, "2026-10-25T01:00:00+02:00",
         "2026-10-25T02:00:00+02:00"},
        {__LINE__, YORK, "5 * * * *", NULL, "2026-11-01T01:05:00-04:00",
         "2026-11-01T01:05:00-05:00"},
    };

    check(rows, COUNT_OF(rows));
}

static void
intervals(void)
{
    static const struct row rows[] = {
        {__LINE__, "UTC", "10", "minute", "2026-05-01T10:00:07Z", "2026-05-01T10:10:07Z"},
        {__LINE__, BERLIN, "3", "hour", "2026-03-29T00:30:00+01:00",
         "2026-03-29T04:30:00+02:00"},
        {__LINE__, BERLIN, "1", "day", "2026-03-28T12:00:00+01:00",
         "2026-03-29T12:00:00+02:00"},
        {__LINE__, BERLIN, "1", "day", "2026-03-28T02:30:00+01:00",
         "2026-03-29T03:00:00+02:00"},
        {__LINE__, YORK, "2", "week", "2026-10-25T09:00:00-04:00",
         "2026-11-08T09:00:00-05:00"},
        {__LINE__, "UTC", "1", "month", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
        {__LINE__, "UTC", "1", "month", "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z"},
        {__LINE__, "UTC", "13", "month", "2026-12-15T10:00:00Z", "2028-01-15T10:00:00Z"},
        {__LINE__, "UTC", "1", "year", "2028-02-29T10:00:00Z", "2029-02-28T10:00:00Z"},
        {__LINE__, "UTC", "10", "year", "2026-02-28T10:00:00Z", "2036-02-28T10:00:00Z"},
    };

    check(rows, COUNT_OF(rows));
}

static void
limits_of_intervals(void)
{
    static const struct {
        const char *unit;
        int max;
    } rows[] = {{"minute", 5256000}, {"hour", 87600}, {"day", 3650},
                {"week", 520},       {"month", 120},  {"year", 10}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int d = -1; d <= 1; d++) {
            struct schedule s;
            struct error e;
            char value[24];

            (void)snprintf(value, sizeof value, "%d", rows[i].max + d);
            UNIT_EQ(schedule_parse(STR("interval"), str_of(value), str_of(rows[i].unit),
                                   &s, &e),
                    d > 0 ? -1 : 0);
            (void)snprintf(value, sizeof value, "%d", 1 + d);
            UNIT_EQ(schedule_parse(STR("interval"), str_of(value), str_of(rows[i].unit),
                                   &s, &e),
                    d < 0 ? -1 : 0);
        }
    }
}

static void
wrong_types_and_units(void)
{
    struct schedule s;
    struct error e;

    UNIT_EQ(schedule_parse(STR("cron"), STR("* * * * *"), STR_NONE, &s, &e), -1);
    UNIT_STR(str_of(e.text), "schedule.type must be crontab or interval");
    UNIT_EQ(schedule_parse(STR_NONE, STR_NONE, STR_NONE, &s, &e), -1);
    UNIT_EQ(schedule_parse(STR("interval"), STR("1"), STR_NONE, &s, &e), -1);
    UNIT_STR(str_of(e.text), "schedule.unit of an interval must be minute, hour, day, "
                             "week, month or year");
    UNIT_EQ(schedule_parse(STR("interval"), STR("1.5"), STR("day"), &s, &e), -1);
    UNIT_STR(str_of(e.text), "schedule.value must be a number of days from 1 to 3650");
    UNIT_EQ(schedule_parse(STR("crontab"), STR("0 0 30 2 *"), STR("day"), &s, &e), -1);
}

static void
names_of_zones(void)
{
    char longest[LIMIT_ZONE_BYTES + 1];

    (void)memset(longest, 'a', sizeof longest);
    for (size_t n = LIMIT_ZONE_BYTES - 1; n <= LIMIT_ZONE_BYTES + 1; n++)
        UNIT_EQ(zone_is_name(unit_exact((struct str){longest, n})),
                n <= LIMIT_ZONE_BYTES);
    UNIT(zone_is_name(STR("Etc/GMT+1")));
    UNIT(zone_is_name(STR("America/Argentina/Buenos_Aires")));
    UNIT(!zone_is_name(STR("")));
    UNIT(!zone_is_name(STR("/etc/passwd")));
    UNIT(!zone_is_name(STR("Europe//Berlin")));
    UNIT(!zone_is_name(STR("Europe/")));
    UNIT(!zone_is_name(STR("../UTC")));
    UNIT(!zone_is_name(STR("zone.tab")));
}

static void
unknown_zones_are_utc(void)
{
    UNIT_EQ(zone_use(BERLIN), 0);
    UNIT_EQ(zone_offset(seconds("2026-07-01T00:00:00Z")), 7200);
    UNIT_EQ(zone_use("Europe/Berln"), -1);
    UNIT_EQ(zone_offset(seconds("2026-07-01T00:00:00Z")), 0);
    UNIT_EQ(zone_use("Europe"), -1);    /* a directory */
    UNIT_EQ(zone_use("CET-1CEST"), -1); /* POSIX's form names no zone */
    UNIT_EQ(zone_use(YORK), 0);
    UNIT_EQ(zone_offset(seconds("2050-07-01T00:00:00Z")), -14400);
    UNIT_EQ(zone_use("UTC"), 0);
    UNIT_EQ(zone_offset(0), 0);
}

static const struct unit_test tests[] = {
    {"crontabs_follow_local_time", crontabs_follow_local_time},
    {"a_time_that_is_left_out_comes_late", a_time_that_is_left_out_comes_late},
    {"a_time_that_is_repeated", a_time_that_is_repeated},
    {"intervals", intervals},
    {"limits_of_intervals", limits_of_intervals},
    {"wrong_types_and_units", wrong_types_and_units},
    {"names_of_zones", names_of_zones},
    {"unknown_zones_are_utc", unknown_zones_are_utc},
};

const struct unit_suite suite_schedule = {"schedule", tests, COUNT_OF(tests)};
