/*
 * merge: issues put together and taken apart.
 *
 * Events move from issue to issue a few hundred in one transaction, so that
 * ingestion never waits longer than for one of those; the counters move with them, so
 * that they are right at every moment.  First it is said where new events go
 * (issue_merges), then waited for the batches that did not know of it, then moved: that
 * is why nothing is left behind.  Each of these may be interrupted at any time; the same
 * command again goes on.  Two at once in one project wait for each other.
 */
#ifndef MESHER_STORE_MERGE_H
#define MESHER_STORE_MERGE_H

#include <stdint.h>

#include "admin/issue_ref.h"
#include "admin/lifecycle.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Events in one transaction. */
#define MERGE_BATCH 500

/* l->issue becomes part of `into`: its events, counters, activity; later events with its
 * fingerprint, or with one that was merged into it, go there too.  Sets the number of
 * events that moved.  Returns 0, or -1: ERROR_MALFORMED for an issue and itself or two
 * projects, else as db_run(). */
int merge_issues(const struct lifecycle *l, const struct issue_ref *into, int64_t *moved,
                 struct error *e) MUST_CHECK;

/* The way back, for one fingerprint (32 hexadecimal digits) or, with the name of an
 * issue, for all that were merged into it.  Users that were counted in stay counted in
 * the issue that they leave.  Sets the number of events that moved and the name of the
 * last issue that was made.  ERROR_NOT_FOUND when there is nothing to take apart. */
int merge_undo(struct db *d, const char *what, const char *actor, int64_t *moved,
               struct issue_ref *made, struct error *e) MUST_CHECK;

#endif
