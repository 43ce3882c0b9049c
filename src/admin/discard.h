/*
 * discard: removes issues, and optionally drops later events that belong to them.
 *
 * The events are deleted a few hundred per transaction, then the issue's row with its
 * counters.  An event that is stored meanwhile, or later, creates the issue again,
 * unless the issue is discarded for good.  An interruption at any time is safe; running
 * the same command again continues.
 */
#ifndef MESHER_ADMIN_DISCARD_H
#define MESHER_ADMIN_DISCARD_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/issue_ref.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* The number of events per transaction. */
#define DISCARD_BATCH 500

/* Removes an issue with its events, their attachments and user reports, its counters
 * and activity.  With for_good, later events with its fingerprint, or with one that
 * was merged into it, are dropped.  Sets the number of deleted events.  Returns 0, or
 * -1 as db_run(). */
int discard_issue(struct db *d, const struct issue_ref *issue, bool for_good,
                  int64_t *removed, struct error *e) MUST_CHECK;

#endif
