#include "admit/window.h"
#include "unit.h"

#define NOW_MS 100000
#define LENGTH_MS 60000

static void
the_limit_is_exact(void)
{
    static const int64_t limits[] = {0, 1, 2, 1000};

    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct window_table *t = window_new();
        int64_t retry_ms = 0;

        window_set_limit(t, 7, limits[i], LENGTH_MS);
        for (int64_t n = 0; n < limits[i]; n++)
            UNIT(window_take(t, 7, NOW_MS + n, 1, &retry_ms) && retry_ms == 0);
        UNIT(!window_take(t, 7, NOW_MS + limits[i], 1, &retry_ms));
        UNIT_EQ(retry_ms, LENGTH_MS - (limits[i] == 0 ? 0 : limits[i]));
        window_free(t);
    }
}

static void
a_window_begins_with_the_first_unit_after_the_last_one_ended(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms;

    window_set_limit(t, 7, 1, LENGTH_MS);
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS + LENGTH_MS - 1, 1, &retry_ms) && retry_ms == 1);
    UNIT(window_take(t, 7, NOW_MS + LENGTH_MS, 1, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS + LENGTH_MS + 500, 1, &retry_ms) &&
         retry_ms == LENGTH_MS - 500);
    window_free(t);
}

static void
an_outage_goes_on_where_the_database_stopped(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms;

    UNIT(!window_is_known(t, 7));
    window_learn(t, 7, NOW_MS, 5000, 8, 10);
    UNIT(!window_is_known(t, 7)); /* how long the next one is must be said */
    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(window_is_known(t, 7));
    UNIT(window_take(t, 7, NOW_MS + 1, 1, &retry_ms));
    UNIT(window_take(t, 7, NOW_MS + 2, 1, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS + 3, 1, &retry_ms) && retry_ms == 4997);
    UNIT(window_take(t, 7, NOW_MS + 5000, 1, &retry_ms));
    window_free(t);
}

static void
what_was_taken_here_is_told_once(void)
{
    struct window_table *t = window_new();
    struct window w;
    int64_t retry_ms;
    size_t at = 0;

    window_learn(t, 7, NOW_MS, 5000, 3, 10);
    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(!window_any_unsettled(t) && !window_next_unsettled(t, &at, NOW_MS, &w));
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms) &&
         window_take(t, 7, NOW_MS, 1, &retry_ms));
    UNIT(window_any_unsettled(t));
    at = 0;
    UNIT(window_next_unsettled(t, &at, NOW_MS, &w));
    UNIT(w.project == 7 && w.unsettled == 2 && w.end_ms == NOW_MS + 5000);
    UNIT(!window_next_unsettled(t, &at, NOW_MS, &w));
    window_settled(t, true);
    at = 0;
    UNIT(!window_any_unsettled(t) && !window_next_unsettled(t, &at, NOW_MS, &w));
    window_free(t);
}

static void
what_could_not_be_told_is_kept(void)
{
    struct window_table *t = window_new();
    struct window w;
    int64_t retry_ms;
    size_t at = 0;

    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms) &&
         window_take(t, 7, NOW_MS, 1, &retry_ms));
    UNIT(window_next_unsettled(t, &at, NOW_MS, &w) && w.unsettled == 2);
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms)); /* meanwhile */
    window_settled(t, false);
    at = 0;
    UNIT(window_any_unsettled(t));
    UNIT(window_next_unsettled(t, &at, NOW_MS, &w) && w.unsettled == 3);
    window_settled(t, true);
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms));
    at = 0; /* of a window that has ended nobody asks any more */
    UNIT(!window_next_unsettled(t, &at, NOW_MS + LENGTH_MS, &w));
    window_settled(t, true);
    UNIT(!window_any_unsettled(t));
    window_free(t);
}

/* What the database says covers what it was told, and not what was taken meanwhile. */
static void
units_taken_while_it_was_told_are_not_forgotten(void)
{
    struct window_table *t = window_new();
    struct window w;
    int64_t retry_ms = 0;
    size_t at = 0;

    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms) &&
         window_take(t, 7, NOW_MS, 1, &retry_ms));
    UNIT(window_next_unsettled(t, &at, NOW_MS, &w) && w.unsettled == 2);
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms));
    window_learn(t, 7, NOW_MS, 5000, 4, 10); /* others took four; was it told already? */
    for (int i = 7; i < 10; i++)
        UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS, 1, &retry_ms) && retry_ms == 5000);
    window_settled(t, true);
    window_learn(t, 7, NOW_MS, 5000, 6, 10); /* it was not, and is now */
    UNIT(!window_take(t, 7, NOW_MS, 1, &retry_ms));
    window_free(t);
}

/* Up to the half of a limit nobody is asked. */
static void
early_units_end_at_the_half(void)
{
    static const struct {
        int64_t limit, used, units;
        bool taken;
    } cases[] = {{10, 0, 4, true},        {10, 0, 5, true},  {10, 0, 6, false},
                 {10, 4, 1, true},        {10, 5, 1, false}, {10, 5, 0, true},
                 {10, 6, 0, false},       {11, 4, 1, true},  {11, 5, 1, false},
                 {1, 0, 1, false},        {0, 0, 1, false},  {2, 0, 1, true},
                 {2, 0, INT64_MAX, false}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct window_table *t = window_new();

        UNIT(!window_take_early(t, 7, NOW_MS, cases[i].units)); /* not known */
        window_learn(t, 7, NOW_MS, 5000, cases[i].used, cases[i].limit);
        UNIT(!window_take_early(t, 7, NOW_MS, cases[i].units));
        window_set_limit(t, 7, cases[i].limit, LENGTH_MS);
        UNIT_EQ(window_take_early(t, 7, NOW_MS, cases[i].units), cases[i].taken);
        UNIT_EQ(window_any_unsettled(t), (cases[i].taken && cases[i].units > 0));
        window_free(t);
    }
}

/* While the database is asked, and until it has answered. */
static void
a_closed_window_gives_no_early_units(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms;

    window_close(t, 7); /* of a project that nobody knows */
    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(window_take_early(t, 7, NOW_MS, 1));
    window_close(t, 7);
    UNIT(!window_take_early(t, 7, NOW_MS, 1) && window_take_early(t, 7, NOW_MS, 0));
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms)); /* an outage */
    window_learn(t, 7, NOW_MS, 5000, 2, 10);
    UNIT(window_take_early(t, 7, NOW_MS, 1));
    window_close(t, 7);
    UNIT(window_take_early(t, 7, NOW_MS + 5000, 5)); /* another window */
    window_free(t);
}

/* Who asked for a key may be told what was so before others were told something else. */
static void
what_is_heard_frees_no_unit(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms;

    window_merge(t, 7, NOW_MS, 5000, 2, 10); /* nothing is known: believed */
    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(window_take_early(t, 7, NOW_MS, 3) && !window_take_early(t, 7, NOW_MS, 1));
    window_merge(t, 7, NOW_MS, 5000, 0, 10); /* older */
    UNIT(!window_take_early(t, 7, NOW_MS, 1));
    window_merge(t, 7, NOW_MS, 5000, 6,
                 10); /* others took four, and our three are not told */
    UNIT(window_take(t, 7, NOW_MS, 1, &retry_ms) &&
         !window_take(t, 7, NOW_MS, 1, &retry_ms));
    window_learn(t, 7, NOW_MS, 5000, 0, 100);
    window_close(t, 7);
    window_merge(t, 7, NOW_MS, 5000, 1, 100);
    UNIT(!window_take_early(t, 7, NOW_MS, 1));
    window_merge(t, 7, NOW_MS + 5000, 5000, 1, 100); /* of the next window */
    UNIT(window_take_early(t, 7, NOW_MS + 5000, 1));
    window_free(t);
}

static void
given_back_units_can_be_taken_again(void)
{
    struct window_table *t = window_new();

    window_set_limit(t, 7, 4, LENGTH_MS);
    UNIT(window_take_early(t, 7, NOW_MS, 2) && !window_take_early(t, 7, NOW_MS, 1));
    window_give(t, 7, 1);
    UNIT(window_take_early(t, 7, NOW_MS, 1) && !window_take_early(t, 7, NOW_MS, 1));
    window_give(t, 7, 3); /* never that many */
    UNIT(!window_take_early(t, 7, NOW_MS, 1));
    window_free(t);
}

static void
a_refusal_is_believed_for_two_seconds(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms = 0;

    window_set_limit(t, 7, 10, LENGTH_MS);
    window_learn(t, 7, NOW_MS, 5000, 9, 10);
    UNIT(!window_is_used_up(t, 7, NOW_MS, &retry_ms));
    window_learn(t, 7, NOW_MS, 5000, 10, 10);
    UNIT(window_is_used_up(t, 7, NOW_MS + 1, &retry_ms) && retry_ms == 4999);
    UNIT(window_is_used_up(t, 7, NOW_MS + WINDOW_BELIEVED_MS - 1, &retry_ms));
    UNIT(!window_is_used_up(t, 7, NOW_MS + WINDOW_BELIEVED_MS, &retry_ms));
    window_learn(t, 7, NOW_MS, 1000, 10, 10);
    UNIT(window_is_used_up(t, 7, NOW_MS + 999, &retry_ms) && retry_ms == 1);
    UNIT(!window_is_used_up(t, 7, NOW_MS + 1000, &retry_ms));
    window_free(t);
}

static void
a_full_table_gives_up_what_ends_first(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms;

    /* All on one place: one more than there are ways. */
    for (int64_t i = 0; i <= (int64_t)WINDOW_WAYS; i++) {
        int64_t project = 7 + i * (int64_t)WINDOW_SLOTS;

        window_set_limit(t, project, 1, LENGTH_MS);
        UNIT(window_take(t, project, NOW_MS + i, 1, &retry_ms));
    }
    UNIT(!window_is_known(t, 7));
    for (int64_t i = 1; i <= (int64_t)WINDOW_WAYS; i++)
        UNIT(!window_take(t, 7 + i * (int64_t)WINDOW_SLOTS, NOW_MS + 20, 1, &retry_ms));
    window_free(t);
}

static const struct unit_test tests[] = {
    {"the_limit_is_exact", the_limit_is_exact},
    {"a_window_begins_with_the_first_unit_after_the_last_one_ended",
     a_window_begins_with_the_first_unit_after_the_last_one_ended},
    {"an_outage_goes_on_where_the_database_stopped",
     an_outage_goes_on_where_the_database_stopped},
    {"what_was_taken_here_is_told_once", what_was_taken_here_is_told_once},
    {"what_could_not_be_told_is_kept", what_could_not_be_told_is_kept},
    {"units_taken_while_it_was_told_are_not_forgotten",
     units_taken_while_it_was_told_are_not_forgotten},
    {"early_units_end_at_the_half", early_units_end_at_the_half},
    {"a_closed_window_gives_no_early_units", a_closed_window_gives_no_early_units},
    {"what_is_heard_frees_no_unit", what_is_heard_frees_no_unit},
    {"given_back_units_can_be_taken_again", given_back_units_can_be_taken_again},
    {"a_refusal_is_believed_for_two_seconds", a_refusal_is_believed_for_two_seconds},
    {"a_full_table_gives_up_what_ends_first", a_full_table_gives_up_what_ends_first},
};

const struct unit_suite suite_window = {"window", tests, COUNT_OF(tests)};
