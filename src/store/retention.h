/*
 * retention: removes data that is older than its project keeps it.
 *
 * Partitions that are older than every project's limit are detached concurrently and
 * then dropped; older data in other partitions is removed with small deletes, each a
 * transaction.  Storing waits for retention's locks for a fraction of a second at most.
 * The counters of issues are kept, their hourly counts for 30 days; outcomes per minute
 * become outcomes per hour after two days.  Concurrent runs are safe, and the next run
 * finishes one that was interrupted.
 */
#ifndef MESHER_STORE_RETENTION_H
#define MESHER_STORE_RETENTION_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* The number of rows that one delete removes. */
#define RETENTION_BATCH 1000

/* Removes everything that is due now, by the database's clock.  Leaves a partition that
 * is in use for long to the next run, as well as any work not started by until_ms
 * (clock_now_ms(); INT64_MAX: no limit).  Returns 0, or -1 as db_run(). */
int retention_run(struct db *d, int64_t until_ms, struct error *e) MUST_CHECK;

#endif
