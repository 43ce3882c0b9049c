/*
 * replay: the spool into the database, oldest file first.
 *
 * A file is removed after the commit of its events; one that is replayed again, because
 * somebody died in between, stores nothing twice.  A damaged file goes to bad/ and holds
 * nothing up.  One process replays at a time (a lock on the spool's directory); who
 * replays decides when: each step is one batch.
 */
#ifndef MESHER_SPOOL_REPLAY_H
#define MESHER_SPOOL_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "spool/spool.h"
#include "store/batch.h"

struct replay;

enum replay_result {
    REPLAY_EMPTY,  /* there is nothing (or somebody else replays) */
    REPLAY_STORED, /* a file is done, or several */
    REPLAY_FAILED  /* the database cannot take it now: later */
};

/* Makes it (spool and batch are kept).  Gives it for replay_free(), or NULL (ENOMEM). */
struct replay *replay_new(struct spool *spool, struct batch *batch) MUST_CHECK;

/* Frees r and gives the lock back; NULL is allowed. */
void replay_free(struct replay *r);

/* Takes the lock, if nobody has it.  True when it is ours. */
bool replay_lock(struct replay *r, const char *dir) MUST_CHECK;

/* Gives it back. */
void replay_unlock(struct replay *r);

/* Replays the oldest file, or several small ones as one batch.  *events: rows that they
 * held.  e is set for FAILED. */
enum replay_result replay_step(struct replay *r, int64_t now_us, size_t *events,
                               struct error *e) MUST_CHECK;

/* May there be a file that was not there when the spool was found empty?  Cheap. */
bool replay_is_due(struct replay *r) MUST_CHECK;

#endif
