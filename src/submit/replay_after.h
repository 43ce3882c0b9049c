/*
 * replay_after: replays the events that one-request processes have spooled into the
 * database, right after their answers.
 *
 * The first process that has answered replays for all of them (the lock of
 * spool/replay.h); it detaches from the web server, as daemon(3) does, so that no client
 * waits for it.  It stays while others add to the spool, for REPLAY_AFTER_LIFE_MS, and
 * longer only if none of them takes over: in that time one connection and its plans serve
 * many requests, and the events that arrive meanwhile form one batch.  It also settles
 * the windows that they share (outage/shared.h), reports the outcomes that they counted,
 * and renews the key file, so that later processes need not ask.
 */
#ifndef MESHER_SUBMIT_REPLAY_AFTER_H
#define MESHER_SUBMIT_REPLAY_AFTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "outage/fallback.h"
#include "spool/replay.h"
#include "store/batch.h"
#include "store/db.h"

/* How long it stays, also when nothing arrives, before another process may take over. */
#define REPLAY_AFTER_LIFE_MS 2000
#define REPLAY_AFTER_LINGER_MS 100

/* The age of the key file at which it is renewed.  Requests trust it for
 * SUBMIT_KEYS_MS. */
#define REPLAY_AFTER_KEYS_MS 1000

struct replay_after {
    const char *spool_dir; /* kept */
    struct fallback *fallback;
    struct batch *batch;
    struct db *db;
    int64_t store_timeout_ms; /* for a batch */
    struct replay *replay;    /* NULL until replay_after_begin() */
    int64_t until_ms, told_ms;
};

/* Returns whether anything was spooled, taken or counted that the database does not have
 * yet, and whether the database answered when last asked. */
bool replay_after_is_due(struct fallback *f) MUST_CHECK;

/* Takes the lock.  All fields of d are set, except those documented as NULL or 0.
 * Returns true when it has the lock: then replay_after_run() must follow. */
bool replay_after_begin(struct replay_after *d) MUST_CHECK;

/* Detaches from the web server.  Returns true in the process that continues; the original
 * one exits.  Returns false when no process could be created. */
bool replay_after_detach(void) MUST_CHECK;

/* Replays for life_ms, and again as long as no other process takes over; a batch that has
 * begun is finished.  Failures are logged, and other processes learn that the database is
 * away. */
void replay_after_run(struct replay_after *d, int64_t life_ms);

#endif
