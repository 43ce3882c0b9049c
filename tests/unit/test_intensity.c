#include "super/intensity.h"
#include "unit.h"

static struct intensity i;

static void
as_many_as_allowed_are_borne_and_one_more_is_not(void)
{
    static const size_t rows[] = {0, 1, 2, 10, INTENSITY_MAX - 1, INTENSITY_MAX};

    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        intensity_init(&i, rows[r], 60000);
        for (size_t n = 0; n < rows[r]; n++)
            UNIT_AT(__LINE__ + (int)r * 1000, intensity_bears(&i, 5));
        UNIT(!intensity_bears(&i, 5));
    }
}

static void
what_is_older_than_the_window_does_not_count(void)
{
    static const struct {
        int line;
        int64_t at_ms;
        bool borne;
    } rows[] = {
        {__LINE__, 1000 + 59999, false},
        {__LINE__, 1000 + 60000, true},
        {__LINE__, 1000 + 60001, true},
    };

    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        intensity_init(&i, 2, 60000);
        UNIT(intensity_bears(&i, 1000) && intensity_bears(&i, 2000));
        UNIT_EQ_AT(rows[r].line, intensity_bears(&i, rows[r].at_ms), rows[r].borne);
    }
}

static void
a_slow_trickle_is_borne_for_ever(void)
{
    bool borne = true;

    intensity_init(&i, 10, 60000);
    for (int64_t n = 0; n < 5000; n++)
        borne = borne && intensity_bears(&i, n * 6000);
    UNIT(borne);
    UNIT(!intensity_bears(&i, 4999 * 6000 + 5999));
}

static void
other_bounds_judge_what_was(void)
{
    intensity_init(&i, 10, 60000);
    for (int n = 0; n < 5; n++)
        UNIT(intensity_bears(&i, n));
    intensity_set(&i, 5, 60000);
    UNIT(!intensity_bears(&i, 10));
    intensity_set(&i, 5, 5);
    UNIT(intensity_bears(&i, 11));
}

static const struct unit_test tests[] = {
    {"as_many_as_allowed_are_borne_and_one_more_is_not",
     as_many_as_allowed_are_borne_and_one_more_is_not},
    {"what_is_older_than_the_window_does_not_count",
     what_is_older_than_the_window_does_not_count},
    {"a_slow_trickle_is_borne_for_ever", a_slow_trickle_is_borne_for_ever},
    {"other_bounds_judge_what_was", other_bounds_judge_what_was},
};

const struct unit_suite suite_intensity = {"intensity", tests, COUNT_OF(tests)};
