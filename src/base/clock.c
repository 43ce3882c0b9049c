#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define YEAR_0_S (-62167219200LL)
#define YEAR_9999_S 253402300799LL

int64_t
clock_now_ms(void)
{
    struct timespec t;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_wall_us(void)
{
    struct timespec t;

    CHECK(clock_gettime(CLOCK_REALTIME, &t) == 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
clock_format(int64_t at_us, char out[CLOCK_TEXT_BYTES])
{
    int64_t us = at_us % 1000000, s = at_us / 1000000;
    struct tm tm;
    time_t t;

    if (us < 0) {
        us += 1000000;
        s--;
    }
    if (s < YEAR_0_S)
        s = YEAR_0_S;
    if (s > YEAR_9999_S)
        s = YEAR_9999_S;
    t = (time_t)s;
    CHECK(gmtime_r(&t, &tm) != NULL);
    (void)snprintf(out, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
                   (unsigned)(tm.tm_year + 1900) % 10000U,
                   (unsigned)(tm.tm_mon + 1) % 100U, (unsigned)tm.tm_mday % 100U,
                   (unsigned)tm.tm_hour % 100U, (unsigned)tm.tm_min % 100U,
                   (unsigned)tm.tm_sec % 100U, (unsigned)us % 1000000U);
}
