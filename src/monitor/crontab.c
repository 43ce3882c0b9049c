#include "monitor/crontab.h"

#include "base/limits.h"
#include "base/num.h"
#include "monitor/civil.h"

#define DAY_MINUTES 1440
#define YEARS 9

/* From here on, nine years have two leap days. */
#define LEAP_YEAR 2000

struct field {
    const char *name;
    int min, max;
    const char *const *names; /* of min, min + 1, … */
    size_t count;
};

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed",
                                            "thu", "fri", "sat"};

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const struct field fields[FIELDS] = {
    [MINUTE] = {"minute", 0, 59, NULL, 0},
    [HOUR] = {"hour", 0, 23, NULL, 0},
    [DAY] = {"day of month", 1, 31, NULL, 0},
    [MONTH] = {"month", 1, 12, month_names, COUNT_OF(month_names)},
    [WEEKDAY] = {"day of week", 0, 7, weekday_names, COUNT_OF(weekday_names)}};

/* Reads a number or a name. */
static int
read_value(const struct field *f, struct str text, int *out)
{
    int64_t n;

    if (num_parse(text, f->min, f->max, &n) == 0) {
        *out = (int)n;
        return 0;
    }
    for (size_t i = 0; i < f->count; i++) {
        if (!str_eq_nocase(text, str_of(f->names[i])))
            continue;
        *out = f->min + (int)i;
        return 0;
    }
    return -1;
}

/* Reads one element of a list: VALUE, VALUE-VALUE or *, with a step or without. */
static int
read_element(const struct field *f, struct str text, uint64_t *bits)
{
    struct str step_text = text, range = str_cut(&step_text, '/'), to_text = range,
               from_text = str_cut(&to_text, '-');
    bool any = str_eq(range, STR("*")) || str_eq(range, STR("?"));
    int from = f->min, to = f->max;
    int64_t step = 1;

    if (step_text.p != NULL && num_parse(step_text, 1, f->max, &step) != 0)
        return -1;
    if (!any) {
        if (read_value(f, from_text, &from) != 0)
            return -1;
        if (to_text.p == NULL && step_text.p == NULL)
            to = from;
        if (to_text.p != NULL && read_value(f, to_text, &to) != 0)
            return -1;
        if (to == 0 && from > 0 && f == &fields[WEEKDAY])
            to = 7; /* fri-sun */
        if (from > to)
            return -1;
    } else if (f == &fields[WEEKDAY]) {
        to = 6;
    }
    for (int64_t i = from; i <= to; i += step)
        *bits |= UINT64_C(1) << i;
    return 0;
}

static int
read_field(const struct field *f, struct str text, uint64_t *bits, bool *any,
           struct error *e)
{
    struct str rest = text;

    *bits = 0;
    *any = text.n > 0 && (text.p[0] == '*' || text.p[0] == '?');
    while (rest.p != NULL)
        if (read_element(f, str_cut(&rest, ','), bits) != 0)
            return error_set(e, ERROR_MALFORMED,
                             "crontab: the %s is not valid: numbers are from %d to %d",
                             f->name, f->min, f->max);
    return 0;
}

static struct str
unfold(struct str text)
{
    static const struct {
        const char *name, *means;
    } names[] = {{"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},
                 {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
                 {"@monthly", "0 0 1 * *"},  {"@yearly", "0 0 1 1 *"},
                 {"@annually", "0 0 1 1 *"}};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_nocase(text, str_of(names[i].name)))
            return str_of(names[i].means);
    return text;
}

int
crontab_parse(struct str text, struct crontab *out, struct error *e)
{
    struct str rest;
    uint64_t bits[FIELDS];
    bool any[FIELDS];
    int64_t ignored;

    if (text.n > LIMIT_CRONTAB_BYTES)
        return error_set(e, ERROR_MALFORMED, "crontab: too long: limit is %u bytes",
                         LIMIT_CRONTAB_BYTES);
    rest = unfold(str_trim(text));
    for (size_t i = 0; i < FIELDS; i++) {
        struct str word = str_cut_word(&rest);

        if (word.n == 0)
            return error_set(e, ERROR_MALFORMED,
                             "crontab: there must be five fields: the %s is missing",
                             fields[i].name);
        if (read_field(&fields[i], word, &bits[i], &any[i], e) != 0)
            return -1;
    }
    if (rest.n > 0)
        return error_set(e, ERROR_MALFORMED,
                         "crontab: there must be five fields: there are more");
    *out = (struct crontab){.minutes = bits[MINUTE],
                            .hours = (uint32_t)bits[HOUR],
                            .days = (uint32_t)bits[DAY],
                            .months = (uint32_t)bits[MONTH],
                            .weekdays =
                                (uint32_t)((bits[WEEKDAY] | bits[WEEKDAY] >> 7) & 0x7f),
                            .any_hour = any[HOUR],
                            .any_day = any[DAY],
                            .any_weekday = any[WEEKDAY]};
    if (!crontab_next(out, civil_days((struct civil){LEAP_YEAR, 1, 1}) * DAY_MINUTES,
                      &ignored))
        return error_set(e, ERROR_MALFORMED, "crontab: no date ever matches");
    return 0;
}

static bool
is_day(const struct crontab *c, struct civil date, int64_t days)
{
    bool day = (c->days >> date.day & 1) != 0;
    bool weekday = (c->weekdays >> civil_weekday(days) & 1) != 0;

    return c->any_day || c->any_weekday ? day && weekday : day || weekday;
}

/* Finds the first minute of a day that matches, from `from` on. */
static bool
find_minute(const struct crontab *c, int from, int *out)
{
    for (int hour = from / 60; hour < 24; hour++) {
        if ((c->hours >> hour & 1) == 0)
            continue;
        for (int minute = hour == from / 60 ? from % 60 : 0; minute < 60; minute++) {
            if ((c->minutes >> minute & 1) == 0)
                continue;
            *out = hour * 60 + minute;
            return true;
        }
    }
    return false;
}

bool
crontab_next(const struct crontab *c, int64_t from, int64_t *out)
{
    int64_t days = civil_floor(from, DAY_MINUTES);
    int at = (int)(from - days * DAY_MINUTES);
    struct civil date = civil_date(days);
    int64_t last_year = date.year + YEARS;

    while (date.year < last_year) {
        int minute;

        if ((c->months >> date.month & 1) == 0) {
            days += civil_month_days(date.year, date.month) - date.day + 1;
        } else if (is_day(c, date, days) && find_minute(c, at, &minute)) {
            *out = days * DAY_MINUTES + minute;
            return true;
        } else {
            days++;
        }
        at = 0;
        date = civil_date(days);
    }
    return false;
}
