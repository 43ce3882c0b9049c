/*
 * upkeep: periodic work: creates partitions in advance, deletes the ids of old events
 * and records, and removes attachments that stayed incomplete.
 *
 * The writer does this when it is idle; without a writer, `mesherctl maintenance` does
 * it from cron.  It works in small steps, so that a batch waits for one step at most.
 */
#ifndef MESHER_STORE_UPKEEP_H
#define MESHER_STORE_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Creates partitions for the days_ahead days from now (by the database's clock) and
 * removes one step of the ids that are older than a day.  Sets *more when there is more
 * to remove: call again soon.  Returns 0, or -1 as db_run(). */
int upkeep_step(struct db *d, int64_t days_ahead, bool *more, struct error *e) MUST_CHECK;

#endif
