/*
 * drain: the spool into the database, beside the live traffic.
 *
 * One file is replayed between two batches, oldest first.  While the database is away a
 * try every DRAIN_RETRY_MS is what finds out that it is back: with the oldest file, or,
 * when there is none, with a question.  Only then do batches go to it again.
 */
#ifndef MESHER_WRITER_DRAIN_H
#define MESHER_WRITER_DRAIN_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"
#include "writer/commit_queue.h"

/* Between two tries while the database is away, and two looks at an empty spool. */
#define DRAIN_RETRY_MS 500
#define DRAIN_LOOK_MS 1000

struct drain;

/* Makes it (all are kept; spool_dir may be "").  Gives it for drain_free(), or NULL
 * (ENOMEM). */
struct drain *drain_new(struct db *d, struct group *g, const char *spool_dir) MUST_CHECK;

/* Frees d; NULL is allowed. */
void drain_free(struct drain *d);

/* When drain_step() is to be called next (clock_now_ms()). */
int64_t drain_at_ms(const struct drain *d) MUST_CHECK;

/* Goes on by one file. */
void drain_step(struct drain *d);

#endif
