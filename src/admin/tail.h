/*
 * tail: events followed as they are stored.
 *
 * Who follows holds an advisory lock, shared, and listens.  A connection that stores
 * events looks every DB_TELL_MS whether somebody holds it, and only then notifies, once a
 * batch: while nobody follows, ingestion pays for one look a second.  There is no
 * polling: but for one look TAIL_SETTLE_MS after the start, for what was stored before
 * its connection had looked.
 */
#ifndef MESHER_STORE_TAIL_H
#define MESHER_STORE_TAIL_H

#include <stdbool.h>

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

#define TAIL_SETTLE_MS (DB_TELL_MS + 500)

/* Events that one look gives at most, the newest; and how much older than the newest one
 * an event may be that comes late. */
#define TAIL_EVENTS_MAX 20000
#define TAIL_LATE_S 5

struct tail;

/* Begins to follow a project (number or name; NULL: all) from now on.  Gives it for
 * tail_free(), or NULL with e (ERROR_NOT_FOUND for the project). */
struct tail *tail_new(struct db *d, const char *project, struct error *e) MUST_CHECK;

/* Frees t; NULL is allowed. */
void tail_free(struct tail *t);

/* Waits until there may be new events, at most timeout_ms.  Returns 0, or -1 with e when
 * the connection was lost. */
int tail_wait(struct tail *t, int64_t timeout_ms, struct error *e) MUST_CHECK;

/* Looks for them: *out, good until the next call, has all of the last seconds, newest
 * first; tail_is_new() tells which were not there before.  Returns 0, or -1 as db_run().
 */
int tail_look(struct tail *t, const struct table **out, struct error *e) MUST_CHECK;
bool tail_is_new(const struct tail *t, size_t row) MUST_CHECK;

/* Columns: id, project, issue, level, title, received_at. */
#define TAIL_COLUMNS 6U

#endif
