#include <string.h>

#include "super/childstate.h"
#include "unit.h"

static const char *const names[N_CHILD_STATES] = {
    [CHILD_DOWN] = "down",         [CHILD_WAITING] = "waiting",
    [CHILD_STARTING] = "starting", [CHILD_UP] = "up",
    [CHILD_STOPPING] = "stopping", [CHILD_DONE] = "done",
    [CHILD_FAILED] = "failed",
};

static void
each_state_has_the_name_that_status_shows(void)
{
    for (int s = 0; s < N_CHILD_STATES; s++)
        UNIT_AT(__LINE__ + s * 1000,
                strcmp(childstate_name((enum child_state)s), names[s]) == 0);
}

static void
a_state_is_followed_by_those_of_the_table_and_no_other(void)
{
    /* A row for each state, a column for the one after it, both in their order: down,
     * waiting, starting, up, stopping, done, failed. */
    static const char *const may[N_CHILD_STATES] = {
        [CHILD_DOWN] = ".x.....",     [CHILD_WAITING] = "xxx....",
        [CHILD_STARTING] = "xx.xxxx", [CHILD_UP] = "xx..xxx",
        [CHILD_STOPPING] = "xx.....", [CHILD_DONE] = "xx.....",
        [CHILD_FAILED] = "xx.....",
    };

    for (int from = 0; from < N_CHILD_STATES; from++)
        for (int to = 0; to < N_CHILD_STATES; to++)
            UNIT_AT(__LINE__ + from * 10000 + to * 1000,
                    childstate_may_follow((enum child_state)from, (enum child_state)to) ==
                        (may[from][to] == 'x'));
}

static const struct unit_test tests[] = {
    {"each_state_has_the_name_that_status_shows",
     each_state_has_the_name_that_status_shows},
    {"a_state_is_followed_by_those_of_the_table_and_no_other",
     a_state_is_followed_by_those_of_the_table_and_no_other},
};

const struct unit_suite suite_childstate = {"childstate", tests, COUNT_OF(tests)};
