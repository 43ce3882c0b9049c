#include "super/childstate.h"

#define TO(state) (1U << (CHILD_##state))

/* Down and waiting can be reached from every state: the tree may stop, or a child be
 * replaced, at any time. */
static const struct {
    const char *name;
    unsigned next; /* a bit for each allowed next state */
} states[N_CHILD_STATES] = {
    [CHILD_DOWN] = {"down", TO(WAITING)},
    [CHILD_WAITING] = {"waiting", TO(DOWN) | TO(WAITING) | TO(STARTING)},
    [CHILD_STARTING] = {"starting", TO(DOWN) | TO(WAITING) | TO(UP) | TO(STOPPING) |
                                        TO(DONE) | TO(FAILED)},
    /* Done: a reload may turn the section of a running child into a oneshot. */
    [CHILD_UP] = {"up", TO(DOWN) | TO(WAITING) | TO(STOPPING) | TO(DONE) | TO(FAILED)},
    [CHILD_STOPPING] = {"stopping", TO(DOWN) | TO(WAITING)},
    [CHILD_DONE] = {"done", TO(DOWN) | TO(WAITING)},
    [CHILD_FAILED] = {"failed", TO(DOWN) | TO(WAITING)},
};

const char *
childstate_name(enum child_state state)
{
    return states[state].name;
}

bool
childstate_may_follow(enum child_state from, enum child_state to)
{
    return (states[from].next & (1U << to)) != 0;
}
