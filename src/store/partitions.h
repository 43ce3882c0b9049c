/*
 * partitions: events has one for each UTC day of receipt, made ahead and attached.
 *
 * There is no default partition: an event for a day without one makes PostgreSQL answer
 * 23514, and whoever meets that makes the partition and tries again.
 */
#ifndef MESHER_STORE_PARTITIONS_H
#define MESHER_STORE_PARTITIONS_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Makes the partitions that are missing for the day of from_us (wall clock, microseconds
 * since 1970) and the `days` days after it.  Safe to run by several at once.  Returns 0,
 * or -1 as db_run(). */
int partitions_make(struct db *d, int64_t from_us, int64_t days,
                    struct error *e) MUST_CHECK;

/* Counts the partitions that are missing of the same days; *first is the first such day
 * from today on (0: today's), or -1.  Returns 0, or -1 as db_run(). */
int partitions_missing(struct db *d, int64_t from_us, int64_t days, int64_t *missing,
                       int64_t *first, struct error *e) MUST_CHECK;

/* How far the way out of the table has been gone. */
enum partition_state {
    PARTITION_ATTACHED,
    PARTITION_PENDING, /* a detach was interrupted */
    PARTITION_DETACHED /* a table of its own */
};

/* Takes a partition out of the table and removes it with all its rows, from its state on.
 * Waits for other locks for a few seconds; storing does not wait for it.  Several may do
 * it at once.  Returns 0, or -1 as db_run(): then the next try goes on. */
int partitions_drop(struct db *d, const char *name, enum partition_state state,
                    struct error *e) MUST_CHECK;

#endif
