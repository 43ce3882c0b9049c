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
            UNIT(window_take(t, 7, NOW_MS + n, &retry_ms) && retry_ms == 0);
        UNIT(!window_take(t, 7, NOW_MS + limits[i], &retry_ms));
        UNIT(retry_ms == LENGTH_MS - (limits[i] == 0 ? 0 : limits[i]));
        window_free(t);
    }
}

static void
a_window_begins_with_the_first_unit_after_the_last_one_ended(void)
{
    struct window_table *t = window_new();
    int64_t retry_ms;

    window_set_limit(t, 7, 1, LENGTH_MS);
    UNIT(window_take(t, 7, NOW_MS, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS + LENGTH_MS - 1, &retry_ms) && retry_ms == 1);
    UNIT(window_take(t, 7, NOW_MS + LENGTH_MS, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS + LENGTH_MS + 500, &retry_ms) &&
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
    UNIT(window_take(t, 7, NOW_MS + 1, &retry_ms));
    UNIT(window_take(t, 7, NOW_MS + 2, &retry_ms));
    UNIT(!window_take(t, 7, NOW_MS + 3, &retry_ms) && retry_ms == 4997);
    UNIT(window_take(t, 7, NOW_MS + 5000, &retry_ms));
    window_free(t);
}

static void
what_was_taken_here_is_told_once(void)
{
    struct window_table *t = window_new();
    const struct window *w;
    int64_t retry_ms;
    size_t at = 0;

    window_learn(t, 7, NOW_MS, 5000, 3, 10);
    window_set_limit(t, 7, 10, LENGTH_MS);
    UNIT(window_next_unsettled(t, &at, NOW_MS) == NULL);
    UNIT(window_take(t, 7, NOW_MS, &retry_ms) && window_take(t, 7, NOW_MS, &retry_ms));
    at = 0;
    w = window_next_unsettled(t, &at, NOW_MS);
    UNIT(w != NULL && w->project == 7 && w->unsettled == 2 && w->end_ms == NOW_MS + 5000);
    UNIT(window_next_unsettled(t, &at, NOW_MS) == NULL);
    at = 0;
    UNIT(window_next_unsettled(t, &at, NOW_MS + 5000) == NULL); /* nobody asks any more */
    window_settled(t);
    at = 0;
    UNIT(window_next_unsettled(t, &at, NOW_MS) == NULL);
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
        UNIT(window_take(t, project, NOW_MS + i, &retry_ms));
    }
    UNIT(!window_is_known(t, 7));
    for (int64_t i = 1; i <= (int64_t)WINDOW_WAYS; i++)
        UNIT(!window_take(t, 7 + i * (int64_t)WINDOW_SLOTS, NOW_MS + 20, &retry_ms));
    window_free(t);
}

static const struct unit_test tests[] = {
    {"the_limit_is_exact", the_limit_is_exact},
    {"a_window_begins_with_the_first_unit_after_the_last_one_ended",
     a_window_begins_with_the_first_unit_after_the_last_one_ended},
    {"an_outage_goes_on_where_the_database_stopped",
     an_outage_goes_on_where_the_database_stopped},
    {"what_was_taken_here_is_told_once", what_was_taken_here_is_told_once},
    {"a_full_table_gives_up_what_ends_first", a_full_table_gives_up_what_ends_first},
};

const struct unit_suite suite_window = {"window", tests, COUNT_OF(tests)};
