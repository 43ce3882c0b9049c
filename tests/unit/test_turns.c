#include <stdlib.h>

#include "unit.h"
#include "writer/turns.h"

/* Nobody is behind these. */
static struct waiting *
submission(int64_t project, size_t bytes, int64_t at_ms)
{
    struct waiting *w = calloc(1, sizeof *w);

    UNIT(w != NULL);
    w->submission.project = project;
    w->bytes = bytes;
    w->at_ms = at_ms;
    return w;
}

static void
push(struct turns *t, int64_t project, size_t bytes)
{
    struct error e;

    UNIT_EQ(turns_push(t, submission(project, bytes, 100), &e), 0);
}

/* Takes the next one off; gives its project, 0 when there is none. */
static int64_t
take(struct turns *t, int64_t before_ms)
{
    struct waiting *w = turns_next(t, before_ms);
    int64_t project;

    if (w == NULL)
        return 0;
    project = w->submission.project;
    turns_pop(t);
    free(w);
    return project;
}

static void
one_project_is_served_in_the_order_of_its_coming(void)
{
    struct turns *t = turns_new();
    struct error e;

    UNIT(turns_is_empty(t) && turns_next(t, INT64_MAX) == NULL);
    for (int i = 1; i <= 3; i++)
        UNIT_EQ(turns_push(t, submission(7, (size_t)i << 20, i), &e), 0);
    for (int i = 1; i <= 3; i++) {
        struct waiting *w = turns_next(t, INT64_MAX);

        UNIT(w != NULL && w->at_ms == i && turns_next(t, INT64_MAX) == w);
        turns_pop(t);
        free(w);
    }
    UNIT(turns_is_empty(t));
    turns_free(t);
}

/* A hundred large ones wait already: the small one is behind no more than a turn. */
static void
who_sends_little_waits_for_one_turn_of_the_others(void)
{
    struct turns *t = turns_new();
    int before = 0;

    for (int i = 0; i < 100; i++)
        push(t, 1, TURNS_QUANTUM / 4);
    push(t, 2, 100);
    while (take(t, INT64_MAX) != 2)
        before++;
    UNIT(before <= 4);
    push(t, 3, 100);
    for (before = 0; take(t, INT64_MAX) != 3; before++)
        ;
    UNIT(before <= 4);
    while (take(t, INT64_MAX) != 0)
        ;
    turns_free(t);
}

/* Bytes count, not submissions: of 16 times the size come 16 times fewer. */
static void
projects_get_the_same_number_of_bytes(void)
{
    struct turns *t = turns_new();
    size_t bytes[3] = {0, 0, 0};

    for (int i = 0; i < 40; i++)
        push(t, 1, TURNS_QUANTUM);
    for (int i = 0; i < 640; i++)
        push(t, 2, TURNS_QUANTUM / 16);
    for (int i = 0; i < 200; i++) {
        int64_t project = take(t, INT64_MAX);

        bytes[project] += project == 1 ? TURNS_QUANTUM : TURNS_QUANTUM / 16;
    }
    UNIT(bytes[1] <= bytes[2] + 2 * TURNS_QUANTUM &&
         bytes[2] <= bytes[1] + 2 * TURNS_QUANTUM);
    while (take(t, INT64_MAX) != 0)
        ;
    turns_free(t);
}

static void
what_is_larger_than_a_turn_comes_all_the_same(void)
{
    struct turns *t = turns_new();

    push(t, 1, 100 * TURNS_QUANTUM);
    push(t, 2, 100 * TURNS_QUANTUM);
    UNIT_EQ(take(t, INT64_MAX) + take(t, INT64_MAX), 3);
    UNIT(turns_is_empty(t));
    turns_free(t);
}

static void
only_what_came_before_is_given(void)
{
    struct turns *t = turns_new();
    struct error e;

    UNIT_EQ(turns_push(t, submission(1, 10, 50), &e), 0);
    UNIT_EQ(turns_push(t, submission(2, 10, 40), &e), 0);
    UNIT_EQ(take(t, 40), 0);
    UNIT_EQ(take(t, 41), 2);
    UNIT(take(t, 50) == 0 && take(t, 51) == 1 && turns_is_empty(t));
    turns_free(t);
}

static void
many_projects_share_a_bucket(void)
{
    struct turns *t = turns_new();
    int64_t sum = 0;

    for (int64_t i = 1; i <= 5; i++)
        push(t, i * 1024, 10);
    for (int64_t i = 1; i <= 5; i++)
        sum += take(t, INT64_MAX) / 1024;
    UNIT(sum == 15 && turns_is_empty(t));
    turns_free(t);
}

static const struct unit_test tests[] = {
    {"one_project_is_served_in_the_order_of_its_coming",
     one_project_is_served_in_the_order_of_its_coming},
    {"who_sends_little_waits_for_one_turn_of_the_others",
     who_sends_little_waits_for_one_turn_of_the_others},
    {"projects_get_the_same_number_of_bytes", projects_get_the_same_number_of_bytes},
    {"what_is_larger_than_a_turn_comes_all_the_same",
     what_is_larger_than_a_turn_comes_all_the_same},
    {"only_what_came_before_is_given", only_what_came_before_is_given},
    {"many_projects_share_a_bucket", many_projects_share_a_bucket},
};

const struct unit_suite suite_turns = {"turns", tests, COUNT_OF(tests)};
