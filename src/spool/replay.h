/*
 * replay: replays the spool, oldest file first, into a target that stores events
 * (outage/restore.h).
 *
 * A file is removed once its events are stored; replaying it again, because a process
 * died in between, stores nothing twice.  A damaged file is moved to bad/ and delays
 * nothing.  One process replays at a time (a lock on the spool's directory) and decides
 * when; each step is one batch.
 */
#ifndef MESHER_SPOOL_REPLAY_H
#define MESHER_SPOOL_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "spool/spool.h"

struct replay;

enum replay_result {
    REPLAY_EMPTY,  /* the spool is empty (or another process replays) */
    REPLAY_STORED, /* one or several files are done */
    REPLAY_FAILED  /* the database cannot take it now: try later */
};

/* Stores events, which are numbered from 0 in each batch. */
struct replay_target {
    void *context;

    /* Takes the frames of a file as the events from number first on; they stay valid
     * until the batch is done.  Sets *events to their number.  Returns 0, or -1 with
     * ERROR_MALFORMED when damaged. */
    int (*take)(void *context, struct str frames, size_t first, size_t *events,
                struct error *e);

    /* Stores the first `events` events; sets e to the reason of a failure, or
     * ERROR_NONE. */
    void (*store)(void *context, size_t events, int64_t now_us, struct error *e);

    /* Returns whether none of the events first to end - 1 must be kept. */
    bool (*is_settled)(void *context, size_t first, size_t end);

    /* Counts events that were stored before as duplicates sent by their clients. */
    void (*count_duplicates)(void *context, size_t events, int64_t now_us);

    void (*free)(void *context);
};

/* Creates it (keeps spool, copies *to).  Returns an object to be freed with
 * replay_free(), or NULL (ENOMEM). */
struct replay *replay_new(struct spool *spool, const struct replay_target *to) MUST_CHECK;

/* Frees r and its target and releases the lock; r may be NULL. */
void replay_free(struct replay *r);

/* Takes the lock if it is free.  Returns whether this process has it. */
bool replay_lock(struct replay *r, const char *dir) MUST_CHECK;

/* Releases the lock. */
void replay_unlock(struct replay *r);

/* Replays the oldest file, or several small ones as one batch.  *events: the number of
 * their rows.  e is set for FAILED. */
enum replay_result replay_step(struct replay *r, int64_t now_us, size_t *events,
                               struct error *e) MUST_CHECK;

/* Returns whether there may be a file that is newer than the last look at an empty spool.
 * Cheap. */
bool replay_is_due(struct replay *r) MUST_CHECK;

#endif
