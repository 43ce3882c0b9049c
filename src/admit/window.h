/*
 * window: units of the projects' limits, counted here while the database is not asked.
 *
 * What the database said about a project's window is remembered with each admission, so
 * that an outage goes on where the database stopped: the units that are left until the
 * window ends, then new windows of our own.  What was taken here is told to the database
 * when it is back (window_next_unsettled), so that no window is given out twice.  Exact
 * for one process, as long as no more than WINDOW_SLOTS projects send at once.  Processes
 * that share a table (outage/shared.h) count together, others each for itself.  Times are
 * clock_now_ms() values from the caller.
 */
#ifndef MESHER_ADMIT_WINDOW_H
#define MESHER_ADMIT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"

#define WINDOW_SLOTS 4096U
#define WINDOW_WAYS 8U /* slots that a project may stand in */

/* As verdict.h has it. */
#define WINDOW_BELIEVED_MS 2000

struct window {
    int64_t project; /* 0: unused */
    int64_t limit;   /* units in a window; -1: not known */
    int64_t length_ms;
    int64_t end_ms;
    int64_t used;
    int64_t unsettled; /* of used: taken here, not yet told to the database */
    int64_t settling;  /* of used: being told to it */
    bool closed;       /* the database is being asked: no early units */
    int64_t learned_ms;
};

/* What is known; all zero bytes: nothing. */
struct window_store {
    bool any_unsettled;
    struct window slot[WINDOW_SLOTS];
};

struct window_table;

/* Makes an empty table.  Gives it for window_free(), or NULL (ENOMEM). */
struct window_table *window_new(void) MUST_CHECK;

/* Makes one over a store that others have as well (kept): each call below locks fd
 * (flock(2)) for as long as it lasts.  Gives it for window_free(), or NULL (ENOMEM). */
struct window_table *window_share(struct window_store *store, int fd) MUST_CHECK;

/* Frees t, not what it shares; NULL is allowed. */
void window_free(struct window_table *t);

/* The database said, for a question that was asked before now_ms: the window ends in
 * left_ms, used units of it are taken (those that it was told of), the project's limit is
 * limit. */
void window_learn(struct window_table *t, int64_t project, int64_t now_ms,
                  int64_t left_ms, int64_t used, int64_t limit);

/* The same from an answer that may be older than what is known: no unit becomes free by
 * it, and no closed window is opened. */
void window_hear(struct window_table *t, int64_t project, int64_t now_ms, int64_t left_ms,
                 int64_t used, int64_t limit);

/* Is the limit of the project, and the length of its windows, known? */
bool window_is_known(struct window_table *t, int64_t project) MUST_CHECK;

/* Sets both, where the database cannot be asked. */
void window_set_limit(struct window_table *t, int64_t project, int64_t limit,
                      int64_t length_ms);

/* Takes one unit of a project that is known.  True, or false with *retry_ms, the time to
 * the end of the window (at least 1). */
bool window_take(struct window_table *t, int64_t project, int64_t now_ms,
                 int64_t *retry_ms) MUST_CHECK;

/* Takes so many units at once where nobody has to be asked: of a project that is known,
 * as long as at most the half of its window is taken afterwards.  Others may take units
 * of the same window and be told of later, so whoever comes near its limit asks. */
bool window_take_early(struct window_table *t, int64_t project, int64_t now_ms,
                       int64_t units) MUST_CHECK;

/* Gives back units that were taken so, for something that did not come about. */
void window_give(struct window_table *t, int64_t project, int64_t units);

/* No more of them are taken until the database said something, or the window has ended:
 * to be called before it is told what was taken, and then asked for units. */
void window_close(struct window_table *t, int64_t project);

/* Did the database say, less than WINDOW_BELIEVED_MS ago, that nothing is left?  Sets
 * *retry_ms. */
bool window_is_used_up(struct window_table *t, int64_t project, int64_t now_ms,
                       int64_t *retry_ms) MUST_CHECK;

/* Begins to tell the database: the next window behind *at (start with 0) with units that
 * it does not know of and that has not ended, into out; its `unsettled` is what is to be
 * told.  False: there is none.  window_settled() ends it: it knows all of them now, or
 * (told: false) they are kept for the next time. */
bool window_next_unsettled(struct window_table *t, size_t *at, int64_t now_ms,
                           struct window *out) MUST_CHECK;
void window_settled(struct window_table *t, bool told);

/* Is there anything that it does not know of? */
bool window_any_unsettled(struct window_table *t) MUST_CHECK;

#endif
