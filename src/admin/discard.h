/*
 * discard: issues removed, and what would come to them later dropped.
 *
 * Events go a few hundred in one transaction, then the issue's row with its counters.  An
 * event that is stored meanwhile, or later, makes the issue anew, unless it is discarded
 * for good.  May be interrupted at any time; the same again goes on.
 */
#ifndef MESHER_STORE_DISCARD_H
#define MESHER_STORE_DISCARD_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/issue_ref.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Events in one transaction. */
#define DISCARD_BATCH 500

/* Removes an issue with its events, what is beside them, counters and activity; for_good:
 * later events with its fingerprint, or one that was merged into it, are dropped.  Sets
 * the number of events that went.  Returns 0, or -1 as db_run(). */
int discard_issue(struct db *d, const struct issue_ref *issue, bool for_good,
                  int64_t *removed, struct error *e) MUST_CHECK;

#endif
