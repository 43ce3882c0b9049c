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

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

struct batch_item;
struct admission;

/* Makes the buffers (d is kept).  Gives it for admission_free(), or NULL (ENOMEM). */
struct admission *admission_new(struct db *d) MUST_CHECK;

/* Frees a; NULL is allowed. */
void admission_free(struct admission *a);

/* Sets the verdict of each of count items: STORED means admitted (or, for a charge,
 * charged), DUPLICATE stored already, LIMITED with retry_ms, NO_PROJECT.  Units go to the
 * items in their order.  Returns 0, or -1 with ERROR_UNAVAILABLE and all verdicts as they
 * were. */
int admission_run(struct admission *a, struct batch_item *items, size_t count,
                  struct error *e) MUST_CHECK;

#endif
