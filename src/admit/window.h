/*
 * window: counts the units of the projects' limits in this process while the database is
 * not asked.  A unit is an event or, in a separate table, a byte.
 *
 * Each admission records what the database said about a project's window, so that an
 * outage continues where the database stopped: with the units left until the window ends,
 * then with new windows counted here.  Units taken here are reported to the database when
 * it is back (window_next_unsettled), so that no window is spent twice.  Exact within one
 * process, as long as no more than WINDOW_SLOTS projects send at once.  Processes that
 * share a table (outage/shared.h) count together, others separately.  Times are
 * clock_now_ms() values from the caller.
 */
#ifndef MESHER_ADMIT_WINDOW_H
#define MESHER_ADMIT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"

#define WINDOW_SLOTS 4096U
#define WINDOW_WAYS 8U /* number of slots that a project may use */

/* The same time as in verdict.h. */
#define WINDOW_BELIEVED_MS 2000

struct window {
    int64_t project; /* 0: unused */
    int64_t limit;   /* units per window; -1: unknown */
    int64_t length_ms;
    int64_t end_ms;
    int64_t used;
    int64_t unsettled; /* of used: taken here, not yet reported to the database */
    int64_t settling;  /* of used: being reported */
    bool closed;       /* the database is being asked: window_take_early() is off */
    int64_t learned_ms;
};

/* All known windows; zeroed: none. */
struct window_store {
    bool any_unsettled;
    struct window slot[WINDOW_SLOTS];
};

struct window_table;

/* For events and records, and for the bytes of both; keyed by the project's number, for
 * records by its negative. */
struct windows {
    struct window_table *units, *bytes;
};

/* Creates an empty table.  Returns an object to be freed with window_free(), or NULL
 * (ENOMEM). */
struct window_table *window_new(void) MUST_CHECK;

/* Creates a table over a store shared with other processes (kept): each call below holds
 * a lock on fd (flock(2)) while it runs.  Returns an object to be freed with
 * window_free(), or NULL (ENOMEM). */
struct window_table *window_share(struct window_store *store, int fd) MUST_CHECK;

/* Frees t, but not a shared store; t may be NULL. */
void window_free(struct window_table *t);

/* Discards all windows. */
void window_clear(struct window_table *t);

/* Records the database's answer to a question that was asked before now_ms: the window
 * ends in left_ms, `used` units of it are taken (those reported to it), and the project's
 * limit is limit. */
void window_learn(struct window_table *t, int64_t project, int64_t now_ms,
                  int64_t left_ms, int64_t used, int64_t limit);

/* The same for an answer that may be out of date: it never frees a unit or opens a closed
 * window. */
void window_merge(struct window_table *t, int64_t project, int64_t now_ms,
                  int64_t left_ms, int64_t used, int64_t limit);

/* Returns whether the project's limit and the length of its windows are known. */
bool window_is_known(struct window_table *t, int64_t project) MUST_CHECK;

/* Sets both when the database cannot be asked. */
void window_set_limit(struct window_table *t, int64_t project, int64_t limit,
                      int64_t length_ms);

/* The same from a source that may be older than the database's answer: a known limit
 * stays. */
void window_suppose_limit(struct window_table *t, int64_t project, int64_t limit,
                          int64_t length_ms);

/* Takes these units of a project with a known limit, all or none.  Returns true, or false
 * with *retry_ms, the time to the end of the window (at least 1). */
bool window_take(struct window_table *t, int64_t project, int64_t now_ms, int64_t units,
                 int64_t *retry_ms) MUST_CHECK;

/* Takes these units without asking, for a project with a known limit and as long as at
 * most half of its window is taken afterwards.  Other processes may take units of the
 * same window and report them later, so a project near its limit must ask. */
bool window_take_early(struct window_table *t, int64_t project, int64_t now_ms,
                       int64_t units) MUST_CHECK;

/* Gives back units taken this way that were not used. */
void window_give(struct window_table *t, int64_t project, int64_t units);

/* Stops window_take_early() for the project until the database has answered or the window
 * has ended.  Call it before reporting units to the database and then asking it for
 * more. */
void window_close(struct window_table *t, int64_t project);

/* Returns whether the database said, less than WINDOW_BELIEVED_MS ago, that nothing is
 * left.  Sets *retry_ms. */
bool window_is_used_up(struct window_table *t, int64_t project, int64_t now_ms,
                       int64_t *retry_ms) MUST_CHECK;

/* Begins a report to the database: copies to out the next window after *at (start with 0)
 * that has unreported units and has not ended; its `unsettled` is the number to report.
 * Returns false when there is none.  window_settled() ends the report: the database has
 * them all now or, with told false, they are kept for the next time. */
bool window_next_unsettled(struct window_table *t, size_t *at, int64_t now_ms,
                           struct window *out) MUST_CHECK;
void window_settled(struct window_table *t, bool told);

/* Returns whether any units are unreported. */
bool window_any_unsettled(struct window_table *t) MUST_CHECK;

#endif
