/*
 * tail: follows events as they are stored.
 *
 * A follower holds a shared advisory lock and listens.  A connection that stores events
 * checks every DB_TELL_MS whether anybody holds the lock, and notifies only then, once
 * per batch; without followers, ingestion pays for one check per second.  The follower
 * does not poll, except for one query TAIL_SETTLE_MS after its start, for events of
 * connections that had not checked yet.
 *
 * Lock and LISTEN belong to a session: behind a pooler in transaction mode nothing can be
 * followed.  Writers may be behind one.
 */
#ifndef MESHER_ADMIN_TAIL_H
#define MESHER_ADMIN_TAIL_H

#include <stdbool.h>

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

#define TAIL_SETTLE_MS (DB_TELL_MS + 500)

/* The maximum number of events per query (the newest ones), and how much older than
 * the newest event a late one may be. */
#define TAIL_EVENTS_MAX 20000
#define TAIL_LATE_S 5

struct tail;

/* Starts to follow a project (number or name; NULL: all).  Returns an object to be
 * freed with tail_free(), or NULL with e (ERROR_NOT_FOUND for the project, ERROR_CONFIG
 * for a pooler in transaction mode). */
struct tail *tail_new(struct db *d, const char *project, struct error *e) MUST_CHECK;

/* Frees t; NULL is allowed. */
void tail_free(struct tail *t);

/* Waits until there may be new events, at most timeout_ms.  Returns 0, or -1 with e
 * when the connection was lost. */
int tail_wait(struct tail *t, int64_t timeout_ms, struct error *e) MUST_CHECK;

/* Reads the events of the last seconds into *out, newest first, valid until the next
 * call; tail_is_new() returns whether an event was not there before.  Returns 0, or -1
 * as db_run(). */
int tail_look(struct tail *t, const struct table **out, struct error *e) MUST_CHECK;
bool tail_is_new(const struct tail *t, size_t row) MUST_CHECK;

/* Columns: id, project, issue, level, title, received_at. */
#define TAIL_COLUMNS 6U

#endif
