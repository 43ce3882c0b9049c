/*
 * eventrows: the parameters of the statement that stores events.
 *
 * They hold the columns of each event, copied unchanged, and the groups: each
 * fingerprint of the batch once, in key order, with the title and culprit of its last
 * event.
 */
#ifndef MESHER_STORE_EVENTROWS_H
#define MESHER_STORE_EVENTROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/batch_entry.h"
#include "store/db.h"
#include "wire/event_columns.h"

/* The number of parameters of STATEMENT_STORE: 14, and one for each column with a
 * separate array. */
/* clang-format off */
#define EVENTROWS_OWN(NAME) EVENTROWS_OWN_##NAME,
#define EVENTROWS_KEY(NAME)
#define EVENTROWS_COUNTED(number, NAME, column, kind, null, array, ...) EVENTROWS_##array(NAME)

/* clang-format on */
enum eventrows_counted { EVENT_COLUMNS(EVENTROWS_COUNTED) N_EVENTROWS_OWN };

#define EVENTROWS_PARAMS (14U + N_EVENTROWS_OWN)

/* One row to store. */
struct entry {
    struct batch_entry *item;
    size_t arrival; /* position in the batch: the last event of a group sets its title */
};

struct eventrows;

/* Allocates the buffers.  Returns an object to be freed with eventrows_free(), or NULL
 * (ENOMEM). */
struct eventrows *eventrows_new(void) MUST_CHECK;

/* Frees r; NULL is allowed. */
void eventrows_free(struct eventrows *r);

/* Sets the parameters for count entries (1..FRAME_MAX_ITEMS), in order; they are valid
 * until the next call with r.  An id from before cutoff_us (microseconds since 1970)
 * may be used again.  Returns 0, or -1 with ERROR_UNAVAILABLE (memory). */
int eventrows_fill(struct eventrows *r, struct entry *entries, size_t count,
                   int64_t cutoff_us, struct db_param params[EVENTROWS_PARAMS],
                   struct error *e) MUST_CHECK;

/* Releases most of the memory. */
void eventrows_clear(struct eventrows *r);

#endif
