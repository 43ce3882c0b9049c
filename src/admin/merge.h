/*
 * merge: merges issues, and separates them again.
 *
 * Events move between issues a few hundred per transaction, so that ingestion never
 * waits for longer than one of those.  The counters move with the events, so they are
 * always correct.  A merge first redirects new events (issue_merges), then waits for the
 * batches that started before the redirection, and then moves the events; so no event is
 * left behind.  An interruption of any step is safe: running the same command again
 * continues.  Concurrent runs in one project wait for each other.
 */
#ifndef MESHER_ADMIN_MERGE_H
#define MESHER_ADMIN_MERGE_H

#include <stdint.h>

#include "admin/issue_ref.h"
#include "admin/lifecycle.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* The number of events per transaction. */
#define MERGE_BATCH 500

/* Merges l->issue into `into`: its events, counters and activity.  Later events with
 * its fingerprint, or with one that was merged into it, go there too.  Sets the number
 * of moved events.  Returns 0, or -1: ERROR_MALFORMED when the two issues are the same
 * or in different projects, otherwise as db_run(). */
int merge_issues(const struct lifecycle *l, const struct issue_ref *into, int64_t *moved,
                 struct error *e) MUST_CHECK;

/* Reverses a merge, for one fingerprint (32 hexadecimal digits) or, given the name of
 * an issue, for all fingerprints that were merged into it.  The issue that the events
 * leave keeps counting their users.  Sets the number of moved events and the name of
 * the last issue that was created.  Returns 0, or -1: ERROR_NOT_FOUND when there is no
 * merge to reverse, otherwise as db_run(). */
int merge_undo(struct db *d, const char *what, const char *actor, int64_t *moved,
               struct issue_ref *made, struct error *e) MUST_CHECK;

#endif
