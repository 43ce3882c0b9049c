/*
 * admission: units of the projects' limits, taken for a batch in one statement.
 *
 * The rate row of a project is the only truth, so the limit is exact over all responders,
 * writers and modes.  What was sent before and is stored already costs nothing.  Records
 * take units of a second window, which is wide: it is there so that nobody can fill the
 * database with them.
 */
#ifndef MESHER_STORE_ADMISSION_H
#define MESHER_STORE_ADMISSION_H

#include <stddef.h>

#include "admit/window.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

struct batch_item;
struct admission;

/* Makes the buffers (d is kept, windows too: what the database says goes there).  Gives
 * it for admission_free(), or NULL (ENOMEM). */
struct admission *admission_new(struct db *d, struct window_table *windows) MUST_CHECK;

/* Frees a; NULL is allowed. */
void admission_free(struct admission *a);

/* Sets the verdict of each of count items: STORED means admitted (or, for a charge,
 * charged), DUPLICATE stored already, LIMITED with retry_ms, NO_PROJECT.  Units go to the
 * items in their order.  Returns 0, or -1 with ERROR_UNAVAILABLE and all verdicts as they
 * were. */
int admission_run(struct admission *a, struct batch_item *items, size_t count,
                  struct error *e) MUST_CHECK;

/* Lets items pass that were admitted before: STORED, or NO_PROJECT when the project is
 * gone; no unit is taken.  Returns as admission_run(). */
int admission_pass(struct admission *a, struct batch_item *items, size_t count,
                   struct error *e) MUST_CHECK;

/* Takes the units in the database that windows counted while it was away.  Returns 0, or
 * -1 with ERROR_UNAVAILABLE. */
int admission_settle(struct admission *a, int64_t now_ms, struct error *e) MUST_CHECK;

#endif
