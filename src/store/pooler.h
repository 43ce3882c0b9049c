/*
 * pooler: what is between this process and PostgreSQL.
 *
 * A pooler in session mode leads each of its clients to a session of its own; one in
 * transaction mode, to any session, for one transaction.  Mesher works with both; only
 * what needs a session (admin/tail.h) does not work with the latter.
 */
#ifndef MESHER_STORE_POOLER_H
#define MESHER_STORE_POOLER_H

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

enum pooler {
    POOLER_NONE,       /* the connection leads to PostgreSQL itself */
    POOLER_SESSION,    /* no session was seen to change its client */
    POOLER_TRANSACTION /* a session answered two clients that were both connected */
};

/* Finds out, with a second connection if there is a pooler.  Returns 0, or -1 as
 * db_run(). */
int pooler_look(struct db *d, enum pooler *out, struct error *e) MUST_CHECK;

#endif
