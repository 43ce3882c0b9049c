/*
 * childstate: the states of a child, and the allowed changes between them.
 *
 * A child is in one state at a time, and only child_become() changes it.  Pairs outside
 * this table never occur, whatever the processes do: one that occurs is a bug in mesherd.
 */
#ifndef MESHER_SUPER_CHILDSTATE_H
#define MESHER_SUPER_CHILDSTATE_H

#include <stdbool.h>

#include "base/compat.h"

enum child_state {
    CHILD_DOWN,     /* not running, and not meant to */
    CHILD_WAITING,  /* will be started at start_at_ms */
    CHILD_STARTING, /* running but not ready; a oneshot: working */
    CHILD_UP,       /* running and ready */
    CHILD_STOPPING, /* asked to exit; killed at deadline_ms */
    CHILD_DONE,     /* a oneshot that has finished its work */
    CHILD_FAILED,   /* reported that a restart will not help: down until requested */
    N_CHILD_STATES  /* number of states */
};

/* Returns the word for a state, as `mesherctl status` shows it. */
const char *childstate_name(enum child_state state) MUST_CHECK;

/* Returns whether a child may change from `from` to `to`.  WAITING may follow itself: the
 * start was postponed or brought forward. */
bool childstate_may_follow(enum child_state from, enum child_state to) MUST_CHECK;

#endif
