/*
 * eventrows: the parameters of the statement that stores events.
 *
 * For each event its columns, copied as they are; and the groups: each fingerprint of the
 * batch once, in key order, with the title and culprit of its last event.
 */
#ifndef MESHER_STORE_EVENTROWS_H
#define MESHER_STORE_EVENTROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/batch_entry.h"
#include "store/db.h"

/* Parameters of STATEMENT_STORE. */
#define EVENTROWS_PARAMS 28U

/* One row to be stored. */
struct entry {
    struct batch_item *item;
    size_t arrival; /* position in the batch: the last of a group gives its title */
};

struct eventrows;

/* Makes the buffers.  Gives them for eventrows_free(), or NULL (ENOMEM). */
struct eventrows *eventrows_new(void) MUST_CHECK;

/* Frees r; NULL is allowed. */
void eventrows_free(struct eventrows *r);

/* Sets the parameters for count entries (1..FRAME_MAX_ITEMS) in their order; they are
 * good until the next call with r.  An id from before cutoff_us (microseconds since 1970)
 * may be used again.  Returns 0, or -1 with ERROR_UNAVAILABLE (memory). */
int eventrows_fill(struct eventrows *r, struct entry *entries, size_t count,
                   int64_t cutoff_us, struct db_param params[EVENTROWS_PARAMS],
                   struct error *e) MUST_CHECK;

/* Gives most of the memory back. */
void eventrows_clear(struct eventrows *r);

#endif
