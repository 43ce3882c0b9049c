/*
 * upkeep: what has to be done now and then: partitions ahead, ids of old events and
 * records forgotten, attachments that never became whole removed.
 *
 * The writer does it in its idle moments; without a writer `mesherctl maintenance` does,
 * from cron.  It goes in small steps, so that a batch waits for one of them at most.
 */
#ifndef MESHER_STORE_UPKEEP_H
#define MESHER_STORE_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Makes partitions for days_ahead days from now_us (wall clock) on and removes a step of
 * the ids that are older than a day.  *more: call again soon, there is more to remove.
 * Returns 0, or -1 as db_run(). */
int upkeep_step(struct db *d, int64_t now_us, int64_t days_ahead, bool *more,
                struct error *e) MUST_CHECK;

#endif
