/*
 * fallback: what the database could not take is limited here and put into the spool.
 *
 * The second half of a batch whose verdicts are still UNAVAILABLE after batch_run(): what
 * was admitted goes to disk as it is, the rest first takes a unit of the windows that are
 * counted here (admit/window.h).  All of it becomes one file, flushed before the verdicts
 * say STORED.  The writer uses it for all its clients, a process without a writer for its
 * own events.  A process for one request does so at first, without asking the database:
 * what such processes know of windows they share (shared.h).
 */
#ifndef MESHER_SPOOL_FALLBACK_H
#define MESHER_SPOOL_FALLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admit/window.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "outage/shared.h"
#include "spool/spool.h"
#include "store/batch.h"
#include "store/batch_entry.h"
#include "store/db.h"

struct fallback;

struct fallback_settings {
    struct spool_settings spool;
    int64_t rate_limit, rate_window_s; /* of a project of which nothing is known */
};

/* Makes it; no file is touched yet.  Gives it for fallback_free(), or NULL (ENOMEM). */
struct fallback *fallback_new(const struct fallback_settings *settings) MUST_CHECK;

/* Frees f; NULL is allowed. */
void fallback_free(struct fallback *f);

/* Does anything wait in the spool, as far as its count says? */
bool fallback_is_waiting(struct fallback *f) MUST_CHECK;

/* Takes what the processes of this host share in place of windows of its own; before
 * fallback_windows().  make: also where there is nothing yet.  Returns 0, or -1:
 * ERROR_NOT_FOUND, ERROR_SYSTEM; then it is as it was. */
int fallback_share(struct fallback *f, bool make, struct error *e) MUST_CHECK;

/* That, or NULL. */
struct shared *fallback_shared(struct fallback *f) MUST_CHECK;

/* Its parts: for the batch that runs over the same projects, and for replay. */
struct window_table *fallback_windows(struct fallback *f) MUST_CHECK;
struct spool *fallback_spool(struct fallback *f) MUST_CHECK;

/* Settles the items whose verdict is UNAVAILABLE: LIMITED, or STORED when they are on
 * disk (a charge: counted).  When there is no spool, it is full or the disk refuses, rows
 * stay UNAVAILABLE and e says why (ERROR_NONE: nothing went wrong). */
void fallback_run(struct fallback *f, struct batch_item *items, size_t count,
                  struct error *e);

/* Takes the units of all items of one submission, as long as nobody has to be asked
 * (window_take_early()): true, and they are admitted. */
bool fallback_admit_early(struct fallback *f, struct batch_item *items,
                          size_t count) MUST_CHECK;

/* Asks the database for them, over b, after all units that were taken here were told: as
 * batch_admit().  One process of those that share at a time does that, and waits for the
 * others until deadline_ms.  Only where something is shared. */
int fallback_admit(struct fallback *f, struct batch *b, struct batch_item *items,
                   size_t count, int64_t deadline_ms, struct error *e) MUST_CHECK;

/* Tells it, as batch_settle(); not where another process is at it until deadline_ms. */
int fallback_settle(struct fallback *f, struct batch *b, int64_t deadline_ms,
                    struct error *e) MUST_CHECK;

/* Sets what the database said about a project's limit. */
void fallback_set_limit(struct fallback *f, int64_t project, int64_t rate_limit,
                        int64_t rate_window_s);

/* Tells the database the outcomes that the processes of this host counted.  Returns 0, or
 * -1 as db_run(): they are kept. */
int fallback_tell(struct fallback *f, struct db *d, struct error *e) MUST_CHECK;

/* Finds a key that was good when the database was last seen; its limit is remembered.
 * Returns 0, or -1: ERROR_NOT_FOUND, ERROR_SYSTEM. */
int fallback_key(struct fallback *f, const struct key *k, int64_t *project,
                 struct error *e) MUST_CHECK;

/* Is a good key among those that will be found so?  True where there is no spool. */
bool fallback_knows_key(struct fallback *f, const struct key *k) MUST_CHECK;

/* Sees to it that it is, by writing all good keys of the database anew.  What fails is
 * logged. */
void fallback_renew_keys(struct fallback *f, struct db *d);

#endif
