/*
 * fallback: what the database could not take is limited here and put into the spool.
 *
 * The second half of a batch whose verdicts are still UNAVAILABLE after batch_run(): what
 * was admitted goes to disk as it is, the rest first takes a unit of the windows that are
 * counted here (admit/window.h).  All of it becomes one file, flushed before the verdicts
 * say STORED.  The writer uses it for all its clients, a process without a writer for its
 * own events.
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
#include "spool/spool.h"
#include "store/db.h"
#include "store/item.h"

struct fallback;

struct fallback_settings {
    struct spool_settings spool;
    int64_t rate_limit, rate_window_s; /* of a project of which nothing is known */
};

/* Makes it; no file is touched yet.  Gives it for fallback_free(), or NULL (ENOMEM). */
struct fallback *fallback_new(const struct fallback_settings *settings) MUST_CHECK;

/* Frees f; NULL is allowed. */
void fallback_free(struct fallback *f);

/* Its parts: for the batch that runs over the same projects, and for replay. */
struct window_table *fallback_windows(struct fallback *f) MUST_CHECK;
struct spool *fallback_spool(struct fallback *f) MUST_CHECK;

/* Settles the items whose verdict is UNAVAILABLE: LIMITED, or STORED when they are on
 * disk (a charge: counted).  When there is no spool, it is full or the disk refuses, rows
 * stay UNAVAILABLE and e says why (ERROR_NONE: nothing went wrong). */
void fallback_run(struct fallback *f, struct batch_item *items, size_t count,
                  struct error *e);

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
