#include "monitor/civil.h"

#include <stdbool.h>

#define ERA_YEARS 400
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

int64_t
civil_floor(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* The year begins in March here, so that the leap day is its last. */
int64_t
civil_days(struct civil date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = civil_floor(year, ERA_YEARS), of_era = year - era * ERA_YEARS;
    int month = (date.month + 9) % 12;
    int64_t of_year = (153 * month + 2) / 5 + date.day - 1;

    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           EPOCH_DAYS;
}

struct civil
civil_date(int64_t days)
{
    int64_t z = days + EPOCH_DAYS, era = civil_floor(z, ERA_DAYS), d = z - era * ERA_DAYS;
    int64_t of_era = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    int64_t of_year = d - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct civil date = {.day = (int)(of_year - (153 * month + 2) / 5 + 1),
                         .month = (int)(month < 10 ? month + 3 : month - 9)};

    date.year = of_era + era * ERA_YEARS + (date.month <= 2 ? 1 : 0);
    return date;
}

int
civil_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

int
civil_weekday(int64_t days)
{
    int64_t n = (days + 4) % 7;

    return (int)(n < 0 ? n + 7 : n);
}
