/*
 * db: one connection to PostgreSQL that comes back by itself, and every statement run
 * over it.
 *
 * Never blocks without end: each wait is a poll(2) with a deadline, and while it waits it
 * serves the caller's `idle` hook, so that the writer can read its clients while a batch
 * commits.  A connection string may name several hosts: each gets its own time, also one
 * that takes the connection and says nothing.  After a failed connect the next tries fail
 * at once for DB_RETRY_MS, or for as long as the failing took, up to DB_RETRY_MAX_MS.  A
 * connection that was lost is noticed by the statement that meets it; whether that
 * statement took effect is then unknown, so every statement here can be run again.
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
#include "store/statements.h"
#include "store/values.h"

/* Pause after a failed connect. */
#define DB_RETRY_MS 500
#define DB_RETRY_MAX_MS 1500

/* How long a server that has no connection left is asked again (where no hook waits):
 * within the time for a submission, which then goes to the spool. */
#define DB_FULL_MS 1500

/* How often the idle hook is served in a long wait. */
#define DB_IDLE_MS 50

/* How often a connection that stores events looks whether anybody follows them. */
#define DB_TELL_MS 1000

/* Parameters of one statement at most. */
#define DB_PARAMS 32U

struct db;

struct db_settings {
    const char *conninfo; /* kept */
    int64_t connect_timeout_ms;
    int64_t statement_timeout_ms; /* for PostgreSQL; the connection is given up 1 s after
                                     it */
    bool prepare;                 /* false: for a process that runs each statement once */
    const char *session; /* SET commands for every new connection; kept; NULL: none */
};

/* Settings for connections that run statements.h: arrays are joined by hash (a nested
 * loop over two arrays of a thousand is a million steps), plans are made once, sorts stay
 * in memory. */
#define DB_SESSION_BATCH                                                              \
    "SET enable_nestloop = off; SET plan_cache_mode = force_generic_plan; SET jit = " \
    "off;"                                                                            \
    " SET work_mem = '32MB'"

/* What to serve while waiting for PostgreSQL: when fd is readable, and every DB_IDLE_MS.
 */
struct db_idle {
    int fd; /* readable: there is something to do; -1: no hook */
    void (*serve)(void *context);
    void *context;
};

/* One parameter, in binary format. */
struct db_param {
    const void *p; /* NULL: SQL NULL */
    size_t n;
};

/* Makes a handle; connects at the first statement.  Gives it for db_free(), or NULL
 * (ENOMEM). */
struct db *db_new(const struct db_settings *settings) MUST_CHECK;

/* Closes the connection and frees d; NULL is allowed. */
void db_free(struct db *d);

/* Closes the connection; the next statement opens one again. */
void db_close(struct db *d);

/* Serves this hook while waiting; the hook may call this itself, but must not run
 * statements. */
void db_set_idle(struct db *d, const struct db_idle *idle);

/* From now on nothing waits beyond this moment (clock_now_ms(); INT64_MAX: only what the
 * settings say); a statement that has no answer then is given up with its connection. */
void db_set_deadline(struct db *d, int64_t deadline_ms);

/* Connects if there is no connection, as all that follow do.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int db_connect(struct db *d, struct error *e) MUST_CHECK;

/* Is there a connection that was good when last used? */
bool db_is_connected(const struct db *d) MUST_CHECK;

/* Runs a statement of statements.h; results come in binary format.  Returns 0, with *out
 * for libpq.PQclear() when out is not NULL, or -1: ERROR_POISON (SQLSTATE classes 22, 23,
 * 54: this data will never be taken), ERROR_UNAVAILABLE otherwise; sqlstate is "" when
 * PostgreSQL gave none, which means that the connection was lost. */
int db_run(struct db *d, enum statement s, const struct db_param *params, size_t count,
           PGresult **out, struct error *e) MUST_CHECK;

/* Runs SQL text of ours that may hold several commands, without parameters; for
 * migrations, partitions and session settings.  The last result comes in *out when it is
 * not NULL, in text format. */
int db_run_text(struct db *d, const char *sql, PGresult **out,
                struct error *e) MUST_CHECK;

/* The same with parameters in text format (NULL-terminated texts; NULL is SQL NULL): one
 * command. */
int db_run_params(struct db *d, const char *sql, const char *const *params, size_t count,
                  PGresult **out, struct error *e) MUST_CHECK;

/* The SQLSTATE with which the server refused the last connect; "" where it did not
 * answer, or took it. */
const char *db_refusal(const struct db *d) MUST_CHECK;

/* The oldest server that the schema works on. */
#define DB_VERSION_MIN 15

/* The server's version as a number, 150004 for 15.4; 0 without a connection. */
int db_version(const struct db *d) MUST_CHECK;

/* Waits for a notification on a channel that was LISTENed on: 1 when one came, 0 after
 * timeout_ms, -1 with e when the connection was lost. */
int db_wait_notice(struct db *d, int64_t timeout_ms, struct error *e) MUST_CHECK;

/* The same class of failure that a lost connection gives? */
bool db_error_is_lost(const struct error *e) MUST_CHECK;

#endif
