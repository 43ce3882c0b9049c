/*
 * retention: removes what is older than its project keeps it.
 *
 * Partitions that are past the days of every project are detached concurrently and then
 * dropped; what is left goes in small deletes, each a transaction.  Neither takes a lock
 * for which storing waits.  Counters of issues stay, their hours for 30 days; minutes of
 * outcomes become hours after two days.  Several may run at once, and one that was
 * interrupted is finished by the next.
 */
#ifndef MESHER_STORE_RETENTION_H
#define MESHER_STORE_RETENTION_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Rows that one delete takes. */
#define RETENTION_BATCH 1000

/* Does all that is due at now_us (wall clock).  A partition that somebody uses for long
 * is left to the next run, and so is what is not begun at until_ms (clock_now_ms();
 * INT64_MAX: nothing).  Returns 0, or -1 as db_run(). */
int retention_run(struct db *d, int64_t now_us, int64_t until_ms,
                  struct error *e) MUST_CHECK;

#endif
