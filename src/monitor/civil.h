/*
 * civil: dates of the proleptic Gregorian calendar as numbers of days since 1970-01-01.
 *
 * The years 1 to 9999 are in range; callers stay within them.
 */
#ifndef MESHER_MONITOR_CIVIL_H
#define MESHER_MONITOR_CIVIL_H

#include <stdint.h>

#include "base/compat.h"

struct civil {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

/* Returns the number of days from 1970-01-01 to a date. */
int64_t civil_days(struct civil date) MUST_CHECK;

/* Returns the date of a number of days. */
struct civil civil_date(int64_t days) MUST_CHECK;

/* Returns the length of a month in days. */
int civil_month_days(int64_t year, int month) MUST_CHECK;

/* Returns the day of the week: 0 is Sunday. */
int civil_weekday(int64_t days) MUST_CHECK;

/* Returns floor(a / b), for b over 0. */
int64_t civil_floor(int64_t a, int64_t b) MUST_CHECK;

#endif
