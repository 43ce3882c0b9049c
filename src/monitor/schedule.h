/*
 * schedule: when a monitor expects its next check-in.
 *
 * A schedule is a crontab in local time, or an interval after the last check-in.  Minutes
 * and hours are lengths of time; days, weeks, months and years are counted in the local
 * calendar, and a day that a month does not have is the month's last.
 *
 * When clocks change: a crontab whose hours begin with * follows the time that passes; it
 * matches in both of two repeated hours, and never in an hour that is left out.  With
 * given hours, it matches once in a repeated hour (the first time), and a time that is
 * left out comes when the clocks have changed.  Intervals do as such crontabs.
 */
#ifndef MESHER_MONITOR_SCHEDULE_H
#define MESHER_MONITOR_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "monitor/crontab.h"

enum schedule_unit {
    SCHEDULE_MINUTE,
    SCHEDULE_HOUR,
    SCHEDULE_DAY,
    SCHEDULE_WEEK,
    SCHEDULE_MONTH,
    SCHEDULE_YEAR,
    SCHEDULE_UNITS
};

struct schedule {
    bool is_crontab;
    struct crontab crontab;
    int64_t count; /* of units */
    enum schedule_unit unit;
};

/* Parses a schedule of the type crontab or interval; the unit of a crontab is ignored. An
 * interval is at most ten years.  Returns 0, or -1 with ERROR_MALFORMED, which names the
 * member. */
int schedule_parse(struct str type, struct str value, struct str unit,
                   struct schedule *out, struct error *e) MUST_CHECK;

/* Sets the next time after one, in the zone that is in use (monitor/zone.h); both are
 * seconds since 1970 UTC.  Returns false when there is none. */
bool schedule_next(const struct schedule *s, int64_t after_s, int64_t *out_s) MUST_CHECK;

#endif
