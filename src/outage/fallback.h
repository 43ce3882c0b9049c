/*
 * fallback: admits and spools events that the database could not take.
 *
 * The second half of a batch whose verdicts are still UNAVAILABLE after batch_run():
 * admitted items are written to disk unchanged, the others first take a unit of the
 * windows counted here (admit/window.h).  They all become one file, flushed before the
 * verdicts say STORED.  The writer uses it for all its clients, a process without a
 * writer for its own events.  A one-request process spools first, without asking the
 * database; such processes share their windows (shared.h).
 */
#ifndef MESHER_OUTAGE_FALLBACK_H
#define MESHER_OUTAGE_FALLBACK_H

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
#include "store/keys.h"

struct fallback;

struct fallback_settings {
    struct spool_settings spool;
    struct keys_limits limits; /* of an unknown project */
};

/* Creates it; touches no file yet.  Returns an object to be freed with fallback_free(),
 * or NULL (ENOMEM). */
struct fallback *fallback_new(const struct fallback_settings *settings) MUST_CHECK;

/* Frees f, which may be NULL. */
void fallback_free(struct fallback *f);

/* Returns whether the spool's count says that events are waiting. */
bool fallback_is_waiting(struct fallback *f) MUST_CHECK;

/* Uses the file shared by the processes of this host instead of windows of its own; call
 * it before fallback_windows().  make: create the file if missing.  Returns 0, or -1:
 * ERROR_NOT_FOUND, ERROR_SYSTEM; then nothing has changed. */
int fallback_share(struct fallback *f, bool make, struct error *e) MUST_CHECK;

/* Returns the shared file, or NULL. */
struct shared *fallback_shared(struct fallback *f) MUST_CHECK;

/* Return its parts: for the batch that runs over the same projects, and for replay. */
struct windows fallback_windows(struct fallback *f) MUST_CHECK;
struct spool *fallback_spool(struct fallback *f) MUST_CHECK;

/* Settles the items whose verdict is UNAVAILABLE: LIMITED, or STORED when they are on
 * disk (a charge: counted).  Without a spool, or when it is full or the disk fails, rows
 * stay UNAVAILABLE and e says why (ERROR_NONE: no error). */
void fallback_run(struct fallback *f, struct batch_entry *items, size_t count,
                  struct error *e);

/* Takes the units and bytes of all items of one submission, if this is possible without
 * asking (window_take_early()).  Returns true when they are admitted. */
bool fallback_admit_early(struct fallback *f, struct batch_entry *items,
                          size_t count) MUST_CHECK;

/* Asks the database for them, over b, after reporting all units taken here, as
 * batch_admit().  Only one of the sharing processes does that at a time; this one waits
 * for the others until deadline_ms.  Only with a shared file. */
int fallback_admit(struct fallback *f, struct batch *b, struct batch_entry *items,
                   size_t count, int64_t deadline_ms, struct error *e) MUST_CHECK;

/* Reports units to the database, as batch_settle(); does nothing if another process is
 * still reporting at deadline_ms. */
int fallback_settle(struct fallback *f, struct batch *b, int64_t deadline_ms,
                    struct error *e) MUST_CHECK;

/* Sets a project's limits from the database's answer. */
void fallback_set_limit(struct fallback *f, int64_t project,
                        const struct keys_limits *limits);

/* Reports the outcomes counted by the processes of this host to the database.  Returns 0,
 * or -1 as db_run(): they are kept. */
int fallback_tell(struct fallback *f, struct db *d, struct error *e) MUST_CHECK;

/* Finds a key that was good when the database last answered; its limit is remembered.
 * Returns 0, or -1: ERROR_NOT_FOUND, ERROR_SYSTEM. */
int fallback_key(struct fallback *f, const struct key *k, int64_t *project,
                 struct error *e) MUST_CHECK;

/* Returns whether fallback_key() would find this good key.  True without a spool. */
bool fallback_knows_key(struct fallback *f, const struct key *k) MUST_CHECK;

/* Makes fallback_key() find it, by writing the file of all good keys in the database
 * again.  Failures are logged. */
void fallback_renew_keys(struct fallback *f, struct db *d);

#endif
