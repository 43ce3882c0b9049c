/*
 * partitions: the table events has one partition for each UTC day of receipt, created in
 * advance and attached.
 *
 * There is no default partition: PostgreSQL refuses an event for a day without a
 * partition with 23514.  Code that gets this error creates the partition and tries
 * again.
 */
#ifndef MESHER_STORE_PARTITIONS_H
#define MESHER_STORE_PARTITIONS_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Creates the missing partitions for the day of from_us (wall clock, microseconds
 * since 1970) and the `days` days after it.  Concurrent runs are safe.  Returns 0, or
 * -1 as db_run(). */
int partitions_make(struct db *d, int64_t from_us, int64_t days,
                    struct error *e) MUST_CHECK;

/* Counts the missing partitions for the same days.  Sets *first to the first day
 * without a partition, as a number of days from the day of from_us (0: that day), or
 * to -1.  Returns 0, or -1 as db_run(). */
int partitions_missing(struct db *d, int64_t from_us, int64_t days, int64_t *missing,
                       int64_t *first, struct error *e) MUST_CHECK;

/* Removes a partition with all its rows, in one transaction; also one that an earlier
 * version had detached before it was interrupted.  Waits only for a moment for those who
 * read it, since storing waits meanwhile.  If another process is removing a partition
 * now, does nothing.  Returns 0, or -1 as db_run(). */
int partitions_drop(struct db *d, const char *name, struct error *e) MUST_CHECK;

#endif
