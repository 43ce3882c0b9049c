#include "super/backoff.h"
#include "unit.h"

static void
the_first_restart_is_immediate_and_later_ones_wait_longer(void)
{
    static const int64_t waits_ms[] = {0,    100,  200,  400,  800,
                                       1600, 3200, 5000, 5000, 5000};
    struct backoff b = {0};

    for (size_t n = 0; n < COUNT_OF(waits_ms); n++)
        UNIT_EQ_AT(__LINE__ + (int)n * 1000, backoff_after(&b, 0), waits_ms[n]);
}

static void
who_has_lived_long_enough_begins_anew(void)
{
    static const struct {
        int line;
        int64_t lived_ms, wait_ms;
    } rows[] = {
        {__LINE__, BACKOFF_STABLE_MS - 1, 400},
        {__LINE__, BACKOFF_STABLE_MS, 0},
        {__LINE__, BACKOFF_STABLE_MS + 1, 0},
    };

    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        struct backoff b = {0};

        for (int n = 0; n < 3; n++)
            UNIT(backoff_after(&b, 1) >= 0);
        UNIT_EQ_AT(rows[r].line, backoff_after(&b, rows[r].lived_ms), rows[r].wait_ms);
        UNIT_AT(rows[r].line,
                rows[r].wait_ms != 0 || backoff_after(&b, 0) == BACKOFF_FIRST_MS);
    }
}

static const struct unit_test tests[] = {
    {"the_first_restart_is_immediate_and_later_ones_wait_longer",
     the_first_restart_is_immediate_and_later_ones_wait_longer},
    {"who_has_lived_long_enough_begins_anew", who_has_lived_long_enough_begins_anew},
};

const struct unit_suite suite_backoff = {"backoff", tests, COUNT_OF(tests)};
