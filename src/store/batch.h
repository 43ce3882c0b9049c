/*
 * batch: admits a batch of items and stores it with one group commit.
 *
 * The writer runs it on everything that arrived during the previous commit; a responder
 * without a writer runs the same code on a batch of one.  The limits are charged first,
 * in a separate transaction on the UNLOGGED table.  The admitted rows are then stored in
 * one statement, which is one transaction.  A row that PostgreSQL refuses does not fail
 * its neighbours: the batch is split until that row is alone, and the row is then saved
 * to disk.  Running the same rows again stores nothing twice.  Records, which are not
 * events, have a separate limit and one statement for each kind; see store/records.h.
 */
#ifndef MESHER_STORE_BATCH_H
#define MESHER_STORE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admit/window.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/batch_entry.h"
#include "store/db.h"
#include "wire/outcomes.h"

struct batch;

/* Allocates the buffers for running batches over d (kept).  windows (kept) receives
 * what the database reports about the projects' windows.  Poison rows go to poison_dir
 * (kept).  Returns an object to be freed with batch_free(), or NULL (ENOMEM). */
struct batch *batch_new(struct db *d, struct windows windows,
                        const char *poison_dir) MUST_CHECK;

/* Frees b; NULL is allowed. */
void batch_free(struct batch *b);

/* Runs count items, 1..FRAME_MAX_ITEMS, in order of arrival; sets every verdict.  A
 * database failure is a verdict (UNAVAILABLE) and is described in e, whose kind is
 * ERROR_NONE when nothing failed. */
void batch_run(struct batch *b, struct batch_entry *items, size_t count, int64_t now_us,
               struct error *e);

/* The two halves of batch_run(), for callers that have work to do in between.
 * batch_admit() leaves admitted items UNAVAILABLE (charges are complete: STORED) and
 * returns 0, or -1 when the database failed.  batch_store() stores the items that are
 * UNAVAILABLE and admitted. */
int batch_admit(struct batch *b, struct batch_entry *items, size_t count,
                struct error *e) MUST_CHECK;
void batch_store(struct batch *b, struct batch_entry *items, size_t count, int64_t now_us,
                 struct error *e);

/* Like batch_run(), for rows from the spool, which were admitted when they arrived:
 * charges nothing.  A row whose project no longer exists gets VERDICT_NO_PROJECT. */
void batch_replay(struct batch *b, struct batch_entry *items, size_t count,
                  int64_t now_us, struct error *e);

/* Charges the database for the units that were taken while it was unavailable.
 * Returns 0, or -1 as db_run(). */
int batch_settle(struct batch *b, int64_t now_ms, struct error *e) MUST_CHECK;

/* Runs tally_store() over the same connection. */
int batch_tally(struct batch *b, struct outcomes *o, struct error *e) MUST_CHECK;

#endif
