/*
 * session: the settings of PostgreSQL that our statements depend on, in one table.
 *
 * A role, a database or postgresql.conf may set any of them to something else, and a
 * pooler may hand us a session in which another client has changed them.  So every one is
 * set by us, in one of two ways, with the same statement (store/sql/settings.sql):
 *
 * - A connection of our own gets them once, right after it was opened.
 * - Behind a pooler, sessions change between two transactions, and what we set for the
 *   whole session would reach other clients.  So each transaction begins with them, and
 *   they end with it; they travel in the same message as the statement.
 *
 * The same statement recognises a pooler: the process that answers is not the one that
 * the connection was told of when it was opened.  In that process, nothing is set.
 *
 * default_transaction_read_only is not among them: a provider sets it when the disk is
 * full, and an event that is refused goes to the spool.
 */
#ifndef MESHER_STORE_SESSION_H
#define MESHER_STORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "store/link.h"

#define SESSION_PARAMS 4

/* The settings for one connection; the texts are parameters of settings.sql. */
struct session {
    char *names, *values; /* arrays, as text */
    char pid[16];
    const char *params[SESSION_PARAMS];
};

/* Computes the settings.  batch: for connections that run statements.h in batches: joins
 * of arrays use hashes (a nested loop over two arrays of a thousand elements takes a
 * million steps), each plan is made once, and sorts stay in memory.  Returns 0, or -1
 * (ENOMEM); free them with session_release(). */
int session_init(struct session *s, int64_t statement_timeout_ms, bool batch) MUST_CHECK;

/* Frees the memory of session_init()'s struct. */
void session_release(struct session *s);

/* Gives the query that sets them for the whole session, if process pid answers.  Its
 * result is one row, whose first column is "t" if they were set.  Valid until the next
 * call for s. */
struct link_query session_query(struct session *s, int pid);

/* The number of queries that session_begin() gives. */
#define SESSION_BEGIN 2

/* Gives the queries that set them until the end of the transaction: its first ones.
 * Valid until the next call for s. */
void session_begin(struct session *s, struct link_query out[SESSION_BEGIN]);

/* Appends the same as text, to put before commands, and no terminating NUL.  PostgreSQL
 * parses a text before it runs any of it, so a literal that follows here must not contain
 * a backslash. */
void session_begin_text(const struct session *s, struct buf *out);

#endif
