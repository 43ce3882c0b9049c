#include "monitor/schedule.h"

#include "base/num.h"
#include "monitor/civil.h"
#include "monitor/zone.h"

#define MINUTE_S INT64_C(60)
#define HOUR_S INT64_C(3600)
#define DAY_S INT64_C(86400)

/* Clocks are set back by less. */
#define REPEATED_S (3 * HOUR_S)

static const struct {
    const char *name;
    int64_t max, seconds, months; /* seconds or months of one */
} units[SCHEDULE_UNITS] = {[SCHEDULE_MINUTE] = {"minute", 5256000, MINUTE_S, 0},
                           [SCHEDULE_HOUR] = {"hour", 87600, HOUR_S, 0},
                           [SCHEDULE_DAY] = {"day", 3650, DAY_S, 0},
                           [SCHEDULE_WEEK] = {"week", 520, 7 * DAY_S, 0},
                           [SCHEDULE_MONTH] = {"month", 120, 0, 1},
                           [SCHEDULE_YEAR] = {"year", 10, 0, 12}};

static int
parse_interval(struct str value, struct str unit, struct schedule *out, struct error *e)
{
    for (unsigned i = 0; i < SCHEDULE_UNITS; i++) {
        if (!str_eq(unit, str_of(units[i].name)))
            continue;
        out->unit = (enum schedule_unit)i;
        if (num_parse(value, 1, units[i].max, &out->count) == 0)
            return 0;
        return error_set(e, ERROR_MALFORMED,
                         "schedule.value must be a number of %ss from 1 to %lld",
                         units[i].name, (long long)units[i].max);
    }
    return error_set(
        e, ERROR_MALFORMED,
        "schedule.unit of an interval must be minute, hour, day, week, month or year");
}

int
schedule_parse(struct str type, struct str value, struct str unit, struct schedule *out,
               struct error *e)
{
    *out = (struct schedule){.is_crontab = str_eq(type, STR("crontab"))};
    if (out->is_crontab)
        return crontab_parse(value, &out->crontab, e);
    if (str_eq(type, STR("interval")))
        return parse_interval(value, unit, out, e);
    return error_set(e, ERROR_MALFORMED, "schedule.type must be crontab or interval");
}

static int64_t
local_of(int64_t at_s)
{
    return at_s + zone_offset(at_s);
}

/* Finds the moment between two at which the clocks change; there is one. */
static int64_t
find_change(int64_t from_s, int64_t to_s)
{
    int64_t before = zone_offset(from_s);

    while (to_s - from_s > 1) {
        int64_t middle = from_s + (to_s - from_s) / 2;

        if (zone_offset(middle) == before)
            from_s = middle;
        else
            to_s = middle;
    }
    return to_s;
}

/* Sets the two moments at which clocks show a local time, the same if it is once; *never:
 * they show it never, and both are the moment at which they are set forward. */
static void
moments_of(int64_t local_s, int64_t *first, int64_t *second, bool *never)
{
    int64_t before = zone_offset(local_s - DAY_S), after = zone_offset(local_s + DAY_S);
    int64_t a = local_s - before, b = local_s - after;
    bool is_a = local_of(a) == local_s, is_b = local_of(b) == local_s;

    *never = !is_a && !is_b;
    if (*never)
        *first = *second = find_change(local_s - DAY_S - before, local_s + DAY_S - after);
    else if (is_a && is_b) {
        *first = a < b ? a : b;
        *second = a < b ? b : a;
    } else {
        *first = *second = is_a ? a : b;
    }
}

/* Hours are given: each local time counts once. */
static bool
next_given(const struct crontab *c, int64_t after_s, int64_t *out_s)
{
    int64_t from = civil_floor(local_of(after_s), MINUTE_S) + 1, minute;

    while (crontab_next(c, from, &minute)) {
        int64_t second;
        bool never;

        moments_of(minute * MINUTE_S, out_s, &second, &never);
        if (*out_s > after_s)
            return true;
        from = minute + 1; /* in the second of two repeated hours */
    }
    return false;
}

/* Any hour: the time that passes counts. */
static bool
next_any(const struct crontab *c, int64_t after_s, int64_t *out_s)
{
    int64_t offset = zone_offset(after_s), from, minute;
    int64_t later_s = after_s + REPEATED_S;

    from = civil_floor(after_s + offset, MINUTE_S) + 1;
    if (zone_offset(later_s) < offset) { /* clocks will be set back */
        int64_t change_s = find_change(after_s, later_s);

        if (crontab_next(c, from, &minute) && minute * MINUTE_S - offset < change_s) {
            *out_s = minute * MINUTE_S - offset;
            return true;
        }
        from = civil_floor(local_of(change_s) - 1, MINUTE_S) + 1;
    }
    while (crontab_next(c, from, &minute)) {
        int64_t first, second;
        bool never;

        moments_of(minute * MINUTE_S, &first, &second, &never);
        *out_s = first > after_s ? first : second;
        if (!never && *out_s > after_s)
            return true;
        from = minute + 1;
    }
    return false;
}

static bool
next_interval(const struct schedule *s, int64_t after_s, int64_t *out_s)
{
    int64_t local_s = local_of(after_s), second;
    bool never;

    if (s->unit <= SCHEDULE_HOUR) {
        *out_s = after_s + s->count * units[s->unit].seconds;
        return true;
    }
    if (units[s->unit].months == 0) {
        local_s += s->count * units[s->unit].seconds;
    } else {
        int64_t days = civil_floor(local_s, DAY_S), of_day = local_s - days * DAY_S;
        struct civil date = civil_date(days);
        int64_t months =
            date.year * 12 + date.month - 1 + s->count * units[s->unit].months;
        int last;

        date.year = months / 12;
        date.month = (int)(months % 12) + 1;
        last = civil_month_days(date.year, date.month);
        date.day = date.day < last ? date.day : last;
        local_s = civil_days(date) * DAY_S + of_day;
    }
    moments_of(local_s, out_s, &second, &never);
    return *out_s > after_s;
}

bool
schedule_next(const struct schedule *s, int64_t after_s, int64_t *out_s)
{
    if (!s->is_crontab)
        return next_interval(s, after_s, out_s);
    return s->crontab.any_hour ? next_any(&s->crontab, after_s, out_s)
                               : next_given(&s->crontab, after_s, out_s);
}
