/*
 * crontab: the first five fields of a line of crontab(5).
 *
 * Each field is a list of numbers, ranges and steps (1,2-5,0-59/10,2-20/3,5/15); months
 * and days of the week have names (jan, mon), 0 and 7 are Sunday, ? is *.  The names
 * @hourly,
 * @daily, @midnight, @weekly, @monthly, @yearly and @annually are known.  As in cron(8),
 * a day matches either of the two fields for days if both are restricted, that is, if
 * neither begins with *.  Other extensions (L, W, #, @reboot) are refused, and so are
 * schedules that never match, such as 30 February.
 */
#ifndef MESHER_MONITOR_CRONTAB_H
#define MESHER_MONITOR_CRONTAB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* A bit for each value that matches. */
struct crontab {
    uint64_t minutes;
    uint32_t hours, days, months;
    uint32_t weekdays;         /* 0 is Sunday */
    bool any_hour;             /* the field begins with * */
    bool any_day, any_weekday; /* likewise */
};

/* Parses a schedule.  Returns 0, or -1 with ERROR_MALFORMED, which names the field. */
int crontab_parse(struct str text, struct crontab *out, struct error *e) MUST_CHECK;

/* Finds the first minute that matches, from one on; minutes are counted from 1970-01-01
 * of the local calendar.  Examines nine years at most (29 February can be eight years
 * away).  Returns false when there is none. */
bool crontab_next(const struct crontab *c, int64_t from, int64_t *out) MUST_CHECK;

#endif
