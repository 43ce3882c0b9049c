/*
 * link: one open connection to PostgreSQL, and the waiting for its answers.
 *
 * Never blocks indefinitely: each wait is a poll(2) with a deadline, and while it waits
 * it serves the caller's `idle` hook.  It knows nothing of statements, settings or
 * repeated attempts; store/db.h does.
 */
#ifndef MESHER_STORE_LINK_H
#define MESHER_STORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/libpq.h"
#include "store/refusal.h"

/* How often the idle hook runs during a long wait. */
#define DB_IDLE_MS 50

/* The hook to run while waiting for PostgreSQL: when fd is readable, and every
 * DB_IDLE_MS. */
struct db_idle {
    int fd; /* readable when there is work to do; -1: no hook */
    void (*serve)(void *context);
    void *context;
};

struct link {
    PGconn *conn; /* NULL: none */
    struct db_idle idle;
    int64_t deadline_ms;         /* limits every wait (clock_now_ms()) */
    char refusal[REFUSAL_BYTES]; /* SQLSTATE of the refusal, when the server sent one;
                                    else "" */
    bool names_lost; /* a prepared statement was missing, or there before us: somebody
                        else uses the same session */
};

/* One statement, as PQsendQueryParams() takes it. */
struct link_query {
    const char *what; /* its name in the log */
    const char *sql;
    int count; /* of parameters */
    const char *const *values;
    const int *lengths, *formats; /* NULL: all are text */
    int result_format;            /* 1: binary */
};

/* Connects within timeout_ms; names and values as PQconnectStartParams() takes them.
 * Returns 0, or -1 with ERROR_UNAVAILABLE; l->refusal is then set. */
int link_open(struct link *l, const char *const *names, const char *const *values,
              int64_t timeout_ms, struct error *e) MUST_CHECK;

/* Closes the connection, if there is one. */
void link_close(struct link *l);

/* Sends a query.  Returns 0, or -1 after closing the connection. */
int link_send(struct link *l, const struct link_query *q, struct error *e) MUST_CHECK;

/* Waits for all answers to what was sent.  Returns 0 with the last one in *out, or -1 as
 * db_run(). `what` names the statement in the log. */
int link_collect(struct link *l, const char *what, int64_t deadline_ms, PGresult **out,
                 struct error *e) MUST_CHECK;

/* Sends all queries in one message and as one transaction, and waits for their answers.
 * Returns 0 with the answer to the last one in *out, or -1 as db_run(). */
int link_run_together(struct link *l, const struct link_query *queries, size_t count,
                      int64_t deadline_ms, PGresult **out, struct error *e) MUST_CHECK;

/* Closes the connection, and sets e: it was lost.  Keeps only the first line of libpq's
 * message, since later lines may quote data.  Returns -1. */
int link_lost(struct link *l, const char *what, const char *why, struct error *e);

/* The same with the reason that libpq gives. */
int link_broken(struct link *l, const char *what, struct error *e);

/* Sets ERROR_UNAVAILABLE.  Returns -1. */
int link_unavailable(struct error *e, const char *what, const char *why);

#endif
