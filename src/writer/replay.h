/*
 * replay: replays the spool into the database, alongside live traffic.
 *
 * One file is replayed between two batches, oldest first.  While the database is away, an
 * attempt every WRITER_REPLAY_RETRY_MS detects its return: with the oldest file or, when
 * there is none, with a ping.  Only then do batches go to it again.
 */
#ifndef MESHER_WRITER_REPLAY_H
#define MESHER_WRITER_REPLAY_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"
#include "writer/commit_queue.h"

/* Interval between attempts while the database is away, and between checks of an empty
 * spool. */
#define WRITER_REPLAY_RETRY_MS 500
#define WRITER_REPLAY_LOOK_MS 1000

struct writer_replay;

/* Creates it (keeps all arguments; spool_dir may be "").  Returns an object to be freed
 * with writer_replay_free(), or NULL (ENOMEM). */
struct writer_replay *writer_replay_new(struct db *d, struct commit_queue *g,
                                        const char *spool_dir) MUST_CHECK;

/* Frees d, which may be NULL. */
void writer_replay_free(struct writer_replay *d);

/* Returns when writer_replay_step() must be called next (clock_now_ms()). */
int64_t writer_replay_at_ms(const struct writer_replay *d) MUST_CHECK;

/* Replays the next file. */
void writer_replay_step(struct writer_replay *d);

#endif
