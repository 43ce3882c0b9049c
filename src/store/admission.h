/*
 * admission: charges a batch to the limits of its projects, in one statement.
 *
 * A project's rate row in the database is the only record of its use, so the limit is
 * exact across all responders, writers and modes.  Items that were sent before and are
 * already stored cost nothing.  Records take units of a second, wide window; it exists
 * so that nobody can fill the database with them.  Events and records both take bytes of
 * a third window: admitted items are stored.
 */
#ifndef MESHER_STORE_ADMISSION_H
#define MESHER_STORE_ADMISSION_H

#include <stddef.h>

#include "admit/window.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

struct batch_entry;
struct admission;

/* Allocates the buffers.  d is kept, and so are windows, which receive what the
 * database reports about them.  Returns an object to be freed with admission_free(),
 * or NULL (ENOMEM). */
struct admission *admission_new(struct db *d, struct windows windows) MUST_CHECK;

/* Frees a; NULL is allowed. */
void admission_free(struct admission *a);

/* Sets the verdict of each of count items: STORED means admitted (or, for a charge,
 * charged), DUPLICATE already stored, LIMITED sets retry_ms, and NO_PROJECT means that
 * the project does not exist.  Units and bytes go to the items in order.  After the
 * first item that does not fit, no later item gets bytes, and the bytes left over are
 * lost with the window.  Returns 0, or -1 with ERROR_UNAVAILABLE and all verdicts
 * unchanged. */
int admission_run(struct admission *a, struct batch_entry *items, size_t count,
                  struct error *e) MUST_CHECK;

/* Accepts items that were admitted before: STORED, or NO_PROJECT when the project no
 * longer exists.  Takes no units.  Returns as admission_run(). */
int admission_pass(struct admission *a, struct batch_entry *items, size_t count,
                   struct error *e) MUST_CHECK;

/* Charges the database for the units that windows counted while it was unavailable.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int admission_settle(struct admission *a, int64_t now_ms, struct error *e) MUST_CHECK;

#endif
