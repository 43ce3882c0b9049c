/*
 * drainer: what processes for one request put into the spool goes to the database, right
 * after their answers.
 *
 * The first that has answered drains for all of them (the lock of spool/replay.h); it
 * leaves the web server, as daemon(3) does, so that nobody waits for it.  It stays for as
 * long as others put something into the spool, at most DRAINER_LIFE_MS: in that time one
 * connection and its plans serve many requests, and what came meanwhile is one batch.  It
 * also settles the windows that they share (outage/shared.h), tells the outcomes that
 * they counted, and renews the file of keys, so that the next ones need not ask.
 */
#ifndef MESHER_INGEST_DRAINER_H
#define MESHER_INGEST_DRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "outage/fallback.h"
#include "spool/replay.h"
#include "store/batch.h"
#include "store/db.h"

/* How long it stays at most, and when nothing comes. */
#define DRAINER_LIFE_MS 2000
#define DRAINER_LINGER_MS 100

/* The age of the file of keys at which it is renewed.  Requests believe it until
 * SUBMIT_KEYS_MS. */
#define DRAINER_KEYS_MS 1000

struct drainer {
    const char *spool_dir; /* kept */
    struct fallback *fallback;
    struct batch *batch;
    struct db *db;
    int64_t store_timeout_ms; /* for a batch */
    struct replay *replay;    /* NULL until drainer_begin() */
    int64_t until_ms, told_ms;
};

/* Has anything been put there, taken or counted that the database does not know of, and
 * did it answer when it was last asked? */
bool drainer_is_due(struct fallback *f) MUST_CHECK;

/* Takes the lock.  d has all but what is said to be NULL or 0.  True when it is ours:
 * then drainer_run() is to follow. */
bool drainer_begin(struct drainer *d) MUST_CHECK;

/* Leaves the web server.  True in the process that goes on; the other one is gone with
 * it. False: there can be no other process. */
bool drainer_detach(void) MUST_CHECK;

/* Drains, for life_ms at most; a batch that has begun is finished.  What fails is logged,
 * and others know that the database is away. */
void drainer_run(struct drainer *d, int64_t life_ms);

#endif
