/*
 * window: units of the projects' limits, counted here while the database is away.
 *
 * What the database said about a project's window is remembered with each admission, so
 * that an outage goes on where the database stopped: the units that are left until the
 * window ends, then new windows of our own.  What was taken here is told to the database
 * when it is back (window_next_unsettled), so that no window is given out twice.  Exact
 * for one process, as long as no more than WINDOW_SLOTS projects send at once; several
 * processes without a writer count each for itself.  Times are clock_now_ms() values from
 * the caller.
 */
#ifndef MESHER_ADMIT_WINDOW_H
#define MESHER_ADMIT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"

#define WINDOW_SLOTS 4096U
#define WINDOW_WAYS 8U /* slots that a project may stand in */

struct window {
    int64_t project; /* 0: unused */
    int64_t limit;   /* units in a window; -1: not known */
    int64_t length_ms;
    int64_t end_ms;
    int64_t used;
    int64_t unsettled; /* of used: taken here, not yet told to the database */
};

struct window_table;

/* Makes an empty table.  Gives it for window_free(), or NULL (ENOMEM). */
struct window_table *window_new(void) MUST_CHECK;

/* Frees t; NULL is allowed. */
void window_free(struct window_table *t);

/* The database said, for a question that was asked before now_ms: the window ends in
 * left_ms, used units of it are taken, the project's limit is limit. */
void window_learn(struct window_table *t, int64_t project, int64_t now_ms,
                  int64_t left_ms, int64_t used, int64_t limit);

/* Is the limit of the project, and the length of its windows, known? */
bool window_is_known(const struct window_table *t, int64_t project) MUST_CHECK;

/* Sets both, where the database cannot be asked. */
void window_set_limit(struct window_table *t, int64_t project, int64_t limit,
                      int64_t length_ms);

/* Takes one unit of a project that is known.  True, or false with *retry_ms, the time to
 * the end of the window (at least 1). */
bool window_take(struct window_table *t, int64_t project, int64_t now_ms,
                 int64_t *retry_ms) MUST_CHECK;

/* The next window behind *at (start with 0) with units that the database does not know of
 * and that has not ended, or NULL.  window_settled(): it knows all of them now. */
const struct window *window_next_unsettled(const struct window_table *t, size_t *at,
                                           int64_t now_ms) MUST_CHECK;
void window_settled(struct window_table *t);

#endif
