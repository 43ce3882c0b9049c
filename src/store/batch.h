/*
 * batch: admission and one group commit for whatever came together.
 *
 * The writer runs it on all that arrived while the last batch was committing, a responder
 * without a writer on a batch of one: the same code.  First the limits are charged, in a
 * transaction of its own on the UNLOGGED table; then what was admitted is stored in one
 * statement, which is one transaction. A row that PostgreSQL refuses does not fail its
 * neighbours: the batch is split until it is alone and is then put aside on disk. Running
 * the same rows again stores nothing twice.  What is stored beside events (records) has a
 * limit of its own and a statement for each kind, see store/records.h.
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

/* Makes the buffers for running batches over d (kept).  What the database says about the
 * projects' windows goes into windows (kept).  Poison rows go to poison_dir (kept). Gives
 * it for batch_free(), or NULL (ENOMEM). */
struct batch *batch_new(struct db *d, struct window_table *windows,
                        const char *poison_dir) MUST_CHECK;

/* Frees b; NULL is allowed. */
void batch_free(struct batch *b);

/* Runs count items, 1..FRAME_MAX_ITEMS, in the order of their arrival; sets every
 * verdict.  A failure of the database is a verdict (UNAVAILABLE) and is described in e,
 * whose kind is ERROR_NONE when nothing failed. */
void batch_run(struct batch *b, struct batch_item *items, size_t count, int64_t now_us,
               struct error *e);

/* Its two halves, for who does something in between.  batch_admit() leaves what was
 * admitted UNAVAILABLE (charges are done: STORED), and returns 0, or -1 when the database
 * failed.  batch_store() stores what is UNAVAILABLE and admitted. */
int batch_admit(struct batch *b, struct batch_item *items, size_t count,
                struct error *e) MUST_CHECK;
void batch_store(struct batch *b, struct batch_item *items, size_t count, int64_t now_us,
                 struct error *e);

/* The same as batch_run() for rows out of the spool, which were admitted when they came:
 * nothing is charged.  A project that is gone gives VERDICT_NO_PROJECT. */
void batch_replay(struct batch *b, struct batch_item *items, size_t count, int64_t now_us,
                  struct error *e);

/* Tells the database of the units that were taken while it was away.  Returns 0, or -1 as
 * db_run(). */
int batch_settle(struct batch *b, int64_t now_ms, struct error *e) MUST_CHECK;

/* tally_store(), over the same connection. */
int batch_tally(struct batch *b, struct outcomes *o, struct error *e) MUST_CHECK;

#endif
