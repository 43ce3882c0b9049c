/*
 * db: one connection to PostgreSQL that reconnects by itself, and all statements that
 * run over it.
 *
 * Never blocks indefinitely: each wait is a poll(2) with a deadline.  While it waits, it
 * serves the caller's `idle` hook, so that the writer can read from its clients while a
 * batch commits.  A connection string may name several hosts; each gets a separate time
 * limit, which also covers a host that accepts the connection and then stays silent.
 * After a failed connect, further attempts fail at once for DB_RETRY_MS, or for as long
 * as the failed attempt took, up to DB_RETRY_MAX_MS.  The next statement detects a lost
 * connection; whether that statement took effect is then unknown, so every statement
 * here is safe to repeat.
 *
 * No caller relies on the state of a session (a prepared statement, SET, LISTEN, a lock
 * that outlives its transaction): behind a pooler, each transaction may run in another
 * session.  What the statements depend on is set by store/session.h.
 */
#ifndef MESHER_STORE_DB_H
#define MESHER_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/libpq.h"
#include "store/link.h"
#include "store/statements.h"

/* Pause after a failed connect. */
#define DB_RETRY_MS 500
#define DB_RETRY_MAX_MS 1500

/* How long to retry when the server has no free connections (only without an idle
 * hook).  This is less than the time allowed for a submission, which then goes to the
 * spool. */
#define DB_FULL_MS 1500

/* How often a connection that stores events checks whether anybody follows them. */
#define DB_TELL_MS 1000

/* Maximum number of parameters of a statement. */
#define DB_PARAMS 32U

struct db;

struct db_settings {
    const char *conninfo; /* kept */
    int64_t connect_timeout_ms;
    int64_t statement_timeout_ms; /* for PostgreSQL; we disconnect 1 s later */
    bool prepare;                 /* false: for a process that runs each statement once */
    bool batch;                   /* for statements.h in batches, see session_init() */
};

/* One parameter, in binary format. */
struct db_param {
    const void *p; /* NULL: SQL NULL */
    size_t n;
};

/* Creates a handle, which connects at its first statement.  Returns an object to be
 * freed with db_free(), or NULL (ENOMEM). */
struct db *db_new(const struct db_settings *settings) MUST_CHECK;

/* Creates another handle with the settings of d, as db_new() does. */
struct db *db_like(const struct db *d) MUST_CHECK;

/* Closes the connection and frees d; NULL is allowed. */
void db_free(struct db *d);

/* Closes the connection; the next statement reconnects. */
void db_close(struct db *d);

/* Sets the hook to run while waiting.  The hook may call this function, but must not
 * run statements. */
void db_set_idle(struct db *d, const struct db_idle *idle);

/* Sets the time after which nothing waits any longer (clock_now_ms(); INT64_MAX: only
 * the limits in the settings apply).  A statement without an answer by then is
 * abandoned, and its connection closed. */
void db_set_deadline(struct db *d, int64_t deadline_ms);

/* Connects if there is no connection; so do all functions below that run a statement.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int db_connect(struct db *d, struct error *e) MUST_CHECK;

/* Returns whether there is a connection that worked when it was last used. */
bool db_is_connected(const struct db *d) MUST_CHECK;

/* Runs a statement of statements.h; results are in binary format.  Returns 0, with a
 * result to be freed with libpq.PQclear() in *out when out is not NULL, or -1:
 * ERROR_POISON (SQLSTATE classes 22, 23, 54: PostgreSQL will never accept this data),
 * otherwise ERROR_UNAVAILABLE.  sqlstate is "" when PostgreSQL sent none, which means
 * that the connection was lost. */
int db_run(struct db *d, enum statement s, const struct db_param *params, size_t count,
           PGresult **out, struct error *e) MUST_CHECK;

/* Runs SQL text from this program, without parameters; it may hold several commands,
 * which are one transaction.  Used for migrations and partitions.  Stores the last result
 * in *out when out is not NULL, in text format. */
int db_run_text(struct db *d, const char *sql, PGresult **out,
                struct error *e) MUST_CHECK;

/* Like db_run_text(), for one command with parameters in text format (NUL-terminated;
 * NULL is SQL NULL). */
int db_run_params(struct db *d, const char *sql, const char *const *params, size_t count,
                  PGresult **out, struct error *e) MUST_CHECK;

/* Returns the SQLSTATE with which the server refused the last connect; "" when it did
 * not answer, or accepted. */
const char *db_refusal(const struct db *d) MUST_CHECK;

/* Returns whether a pooler is between this process and PostgreSQL, as the last connect
 * found.  Then no state of the session lasts beyond a transaction: no prepared statement,
 * setting, LISTEN or lock; statements are sent with their text. */
bool db_is_shared(const struct db *d) MUST_CHECK;

/* Returns the encoding of the database, such as "UTF8"; "" without a connection. */
const char *db_encoding(const struct db *d) MUST_CHECK;

/* Returns the database's clock, microseconds since 1970: as read at the last connect or
 * by db_read_clock(), and the time since then.  Before the first connect it is ours. */
int64_t db_wall_us(const struct db *d) MUST_CHECK;

/* Reads the database's clock.  Returns 0, or -1 as db_run(). */
int db_read_clock(struct db *d, struct error *e) MUST_CHECK;

/* The oldest server version that supports the schema. */
#define DB_VERSION_MIN 15

/* Returns the server's version as a number, such as 150004 for 15.4; 0 without a
 * connection. */
int db_version(const struct db *d) MUST_CHECK;

/* Waits for a notification on a channel that the connection LISTENs on.  Returns 1
 * when one arrived, 0 after timeout_ms, or -1 with e when the connection was lost. */
int db_wait_notice(struct db *d, int64_t timeout_ms, struct error *e) MUST_CHECK;

/* Returns whether e is the kind of failure that a lost connection causes. */
bool db_error_is_lost(const struct error *e) MUST_CHECK;

/* Read a value from a binary result.  The value must be present and have this type
 * (CHECK), so the types in the statement must match. */
int64_t db_get_int8(const PGresult *r, int row, int column) MUST_CHECK;
int32_t db_get_int4(const PGresult *r, int row, int column) MUST_CHECK;
bool db_get_bool(const PGresult *r, int row, int column) MUST_CHECK;

/* Returns a text or bytea value as a view, absent for NULL; also works for text
 * format. */
struct str db_get_str(const PGresult *r, int row, int column) MUST_CHECK;

#endif
