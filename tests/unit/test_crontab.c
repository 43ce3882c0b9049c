#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "event/normal.h"
#include "monitor/civil.h"
#include "monitor/crontab.h"
#include "unit.h"

/* Minutes of "YYYY-MM-DD HH:MM". */
static int64_t
minutes(const char *text)
{
    char full[32];
    int64_t at_us = 0;

    (void)snprintf(full, sizeof full, "%s:00Z", text);
    UNIT_EQ(normal_time_text(str_of(full), &at_us), 0);
    return at_us / 60000000;
}

static void
show(int64_t at, char out[96])
{
    int64_t days = civil_floor(at, 1440);
    struct civil d = civil_date(days);

    (void)snprintf(out, 96, "%04d-%02d-%02d %02d:%02d", (int)d.year, d.month, d.day,
                   (int)(at - days * 1440) / 60, (int)(at - days * 1440) % 60);
}

static void
dates_are_days(void)
{
    UNIT_EQ(civil_days((struct civil){1970, 1, 1}), 0);
    UNIT_EQ(civil_days((struct civil){2000, 2, 29}), 11016);
    UNIT_EQ(civil_days((struct civil){1969, 12, 31}), -1);
    UNIT_EQ(civil_weekday(civil_days((struct civil){2026, 11, 28})), 6);
    UNIT_EQ(civil_weekday(-1), 3);
    UNIT_EQ(civil_month_days(2100, 2), 28);
    UNIT_EQ(civil_month_days(2000, 2), 29);
    for (int64_t i = -800000; i < 800000; i += 17)
        UNIT_EQ(civil_days(civil_date(i)), i);
}

/* From 2026-11-28 10:00, a Saturday. */
static void
every_field_restricts(void)
{
    static const struct {
        const char *crontab, *next;
    } rows[] = {
        {"* * * * *", "2026-11-28 10:00"},
        {"30 * * * *", "2026-11-28 10:30"},
        {"59 23 * * *", "2026-11-28 23:59"},
        {"0 9 * * *", "2026-11-29 09:00"},
        {"0 0 1 * *", "2026-12-01 00:00"},
        {"0 0 31 * *", "2026-12-31 00:00"},
        {"0 0 31 4,6,2,9,5 *", "2027-05-31 00:00"},
        {"0 0 * 2 *", "2027-02-01 00:00"},
        {"0 0 29 2 *", "2028-02-29 00:00"},
        {"0 0 * * 0", "2026-11-29 00:00"},
        {"0 0 * * 7", "2026-11-29 00:00"},
        {"0 0 * * Mon", "2026-11-30 00:00"},
        {"0 0 * * fri-sun", "2026-11-29 00:00"},
        {"0 0 * * 5-7", "2026-11-29 00:00"},
        {"0 0 * JAN mon", "2027-01-04 00:00"},
        {"*/15 * * * *", "2026-11-28 10:00"},
        {"1-59/15 * * * *", "2026-11-28 10:01"},
        {"7/20 * * * *", "2026-11-28 10:07"},
        {"47/20 * * * *", "2026-11-28 10:47"},
        {"5,10,20-22 * * * *", "2026-11-28 10:05"},
        {"0 */5 * * *", "2026-11-28 10:00"},
        {"0 1-23/4 * * *", "2026-11-28 13:00"},
        {"0 0 ? * 1", "2026-11-30 00:00"},
        {"\t 0  9\t* * * ", "2026-11-29 09:00"},
        {"@hourly", "2026-11-28 10:00"},
        {"@daily", "2026-11-29 00:00"},
        {"@midnight", "2026-11-29 00:00"},
        {"@weekly", "2026-11-29 00:00"},
        {"@monthly", "2026-12-01 00:00"},
        {"@Yearly", "2027-01-01 00:00"},
        {" @annually ", "2027-01-01 00:00"},
        /* Either day if both are restricted; both if one begins with a star. */
        {"0 0 15 * 1", "2026-11-30 00:00"},
        {"0 0 1 * 5", "2026-12-01 00:00"},
        {"0 0 */2 * 1", "2026-12-07 00:00"},
        {"0 0 13 * */5", "2026-12-13 00:00"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct crontab c;
        struct error e = {.text = ""};
        int64_t at = 0;
        char text[96];

        UNIT_EQ(crontab_parse(unit_exact(str_of(rows[i].crontab)), &c, &e), 0);
        UNIT(crontab_next(&c, minutes("2026-11-28 10:00"), &at));
        show(at, text);
        UNIT_STR(str_of(text), rows[i].next);
    }
}

static void
wrong_ones_name_their_field(void)
{
    static const struct {
        const char *crontab, *error;
    } rows[] = {
        {"", "crontab: there must be five fields: the minute is missing"},
        {"0 0 1 1", "crontab: there must be five fields: the day of week is missing"},
        {"0 0 1 1 * x", "crontab: there must be five fields: there are more"},
        {"60 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"-1 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"* 24 * * *", "crontab: the hour is not valid: numbers are from 0 to 23"},
        {"* * 0 * *", "crontab: the day of month is not valid: numbers are from 1 to 31"},
        {"* * 32 * *",
         "crontab: the day of month is not valid: numbers are from 1 to 31"},
        {"* * L * *", "crontab: the day of month is not valid: numbers are from 1 to 31"},
        {"* * * 0 *", "crontab: the month is not valid: numbers are from 1 to 12"},
        {"* * * 13 *", "crontab: the month is not valid: numbers are from 1 to 12"},
        {"* * * janu *", "crontab: the month is not valid: numbers are from 1 to 12"},
        {"* * * * 8", "crontab: the day of week is not valid: numbers are from 0 to 7"},
        {"* * * * 1#2", "crontab: the day of week is not valid: numbers are from 0 to 7"},
        {"5-1 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"1- * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"1,,2 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"1, * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"*/0 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"*/60 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"*/5/5 * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"jan * * * *", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"@reboot", "crontab: the minute is not valid: numbers are from 0 to 59"},
        {"0 0 30 2 *", "crontab: no date ever matches"},
        {"0 0 31 2,4,6,9,11 *", "crontab: no date ever matches"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct crontab c;
        struct error e = {.text = ""};

        UNIT_EQ(crontab_parse(unit_exact(str_of(rows[i].crontab)), &c, &e), -1);
        UNIT_EQ(e.kind, ERROR_MALFORMED);
        UNIT_STR(str_of(e.text), rows[i].error);
    }
}

static void
long_ones_are_refused(void)
{
    char text[LIMIT_CRONTAB_BYTES + 2];

    for (size_t n = LIMIT_CRONTAB_BYTES - 1; n <= LIMIT_CRONTAB_BYTES + 1; n++) {
        struct crontab c;
        struct error e;

        (void)memset(text, ' ', sizeof text);
        for (size_t i = 0; i < 7; i += 2)
            text[i] = '*';
        text[n - 1] = '*';
        UNIT_EQ(crontab_parse(unit_exact((struct str){text, n}), &c, &e),
                n > LIMIT_CRONTAB_BYTES ? -1 : 0);
    }
}

/* 2100 has no leap day: eight years pass between two. */
static void
leap_days_are_found(void)
{
    struct crontab c;
    struct error e;
    int64_t at = 0, from = minutes("2096-02-29 00:01"), to = minutes("2104-02-29 00:00");

    UNIT_EQ(crontab_parse(STR("0 0 29 2 *"), &c, &e), 0);
    UNIT(crontab_next(&c, from, &at));
    UNIT_EQ(at, to);
}

static const struct unit_test tests[] = {
    {"dates_are_days", dates_are_days},
    {"every_field_restricts", every_field_restricts},
    {"wrong_ones_name_their_field", wrong_ones_name_their_field},
    {"long_ones_are_refused", long_ones_are_refused},
    {"leap_days_are_found", leap_days_are_found},
};

const struct unit_suite suite_crontab = {"crontab", tests, COUNT_OF(tests)};
