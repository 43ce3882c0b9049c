/*
 * leftovers: process groups whose leader has ended but that still have members, such as
 * the handlers of a websocketd that died.
 *
 * They may finish until a deadline and are then killed.
 */
#ifndef MESHER_SUPER_LEFTOVERS_H
#define MESHER_SUPER_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compat.h"

#define LEFTOVERS_MAX 256

struct leftovers {
    struct leftover {
        pid_t group;
        const void *owner;
        int64_t kill_at_ms;
        bool killed;
    } all[LEFTOVERS_MAX];

    size_t count;
};

/* Records the group until it is empty, unless it is recorded already; asks its members to
 * exit.  If too many groups are recorded, it is killed at once. */
void leftovers_add(struct leftovers *l, pid_t group, const void *owner,
                   int64_t kill_at_ms);

/* Removes groups that are empty, kills those whose time is up.  Returns the time of the
 * next kill, INT64_MAX for none. */
int64_t leftovers_step(struct leftovers *l, int64_t now_ms) MUST_CHECK;

/* Returns whether this owner has any groups left. */
bool leftovers_has(const struct leftovers *l, const void *owner) MUST_CHECK;

/* Returns whether the group is recorded. */
bool leftovers_knows(const struct leftovers *l, pid_t group) MUST_CHECK;

/* Moves all later kills forward to at_ms. */
void leftovers_hurry(struct leftovers *l, int64_t at_ms);

#endif
