#include <limits.h>

#include "admit/limited.h"
#include "unit.h"

#define NOW_MS 100000

/* Asked at NOW_MS, answered took_ms later with retry_ms: refused for `refused` ms from
 * NOW_MS on. */
static const struct {
    int line;
    int64_t took_ms, retry_ms, refused;
} rows[] = {
    {__LINE__, 0, 1000, 999},
    {__LINE__, 0, 1, 0},
    {__LINE__, 0, 2, 1},
    {__LINE__, 50, 1000, 999},
    {__LINE__, 50, 40, 39}, /* it had ended when the answer came */
    {__LINE__, 0, LIMITED_TTL_MS, LIMITED_TTL_MS - 1},
    {__LINE__, 0, LIMITED_TTL_MS + 1, LIMITED_TTL_MS},
    {__LINE__, 0, LIMITED_TTL_MS + 2, LIMITED_TTL_MS},
    {__LINE__, 10, 86400000, 10 + LIMITED_TTL_MS},
};

static void
nobody_is_refused_after_the_windows_end(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static struct limited_table t;
        int64_t end_ms = NOW_MS + rows[i].refused, rest = -1;

        t = (struct limited_table){0};
        limited_put(&t, 7, NOW_MS, NOW_MS + rows[i].took_ms, rows[i].retry_ms);
        UNIT_AT(rows[i].line, !limited_is(&t, 7, end_ms, &rest) && rest == -1);
        UNIT_AT(rows[i].line, !limited_is(&t, 7, end_ms + 1, &rest));
        if (rows[i].refused <= rows[i].took_ms)
            continue;
        UNIT_AT(rows[i].line, limited_is(&t, 7, end_ms - 1, &rest));
        /* and nobody is told to come before it */
        UNIT_AT(rows[i].line,
                end_ms - 1 + rest == NOW_MS + rows[i].took_ms + rows[i].retry_ms);
    }
}

static void
projects_on_one_slot_push_each_other_out(void)
{
    static struct limited_table t;
    int64_t rest;

    UNIT(!limited_is(&t, 0, NOW_MS, &rest));
    limited_put(&t, 7, NOW_MS, NOW_MS, 1000);
    UNIT(!limited_is(&t, 7 + LIMITED_SLOTS, NOW_MS, &rest));
    UNIT(!limited_is(&t, 8, NOW_MS, &rest));
    limited_put(&t, 7 + LIMITED_SLOTS, NOW_MS, NOW_MS, 1000);
    UNIT(!limited_is(&t, 7, NOW_MS, &rest));
    UNIT(limited_is(&t, 7 + LIMITED_SLOTS, NOW_MS, &rest));
    limited_put(&t, INT64_MAX, NOW_MS, NOW_MS, 1000);
    UNIT(limited_is(&t, INT64_MAX, NOW_MS, &rest));
}

static void
seconds_are_rounded_up(void)
{
    UNIT(limited_retry_after_s(-5) == 1 && limited_retry_after_s(0) == 1);
    UNIT(limited_retry_after_s(1) == 1 && limited_retry_after_s(1000) == 1);
    UNIT(limited_retry_after_s(1001) == 2 && limited_retry_after_s(60000) == 60);
    UNIT(limited_retry_after_s(1000 * ((int64_t)INT_MAX + 1)) == INT_MAX);
}

static const struct unit_test tests[] = {
    {"nobody_is_refused_after_the_windows_end", nobody_is_refused_after_the_windows_end},
    {"projects_on_one_slot_push_each_other_out",
     projects_on_one_slot_push_each_other_out},
    {"seconds_are_rounded_up", seconds_are_rounded_up},
};

const struct unit_suite suite_limited = {"limited", tests, COUNT_OF(tests)};
