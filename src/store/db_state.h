/*
 * db_state: the inside of a connection; for db.c and connect.c only.
 */
#ifndef MESHER_STORE_DB_STATE_H
#define MESHER_STORE_DB_STATE_H

#include "base/compat.h"
#include "store/db.h"
#include "store/refusal.h"

struct db {
    struct db_settings settings;
    struct db_idle idle;
    PGconn *conn; /* NULL: none */
    int64_t retry_at_ms;
    int64_t tell_at_ms;  /* when to look again who follows the events */
    int64_t deadline_ms; /* of all that waits */
    size_t host;         /* that is tried first: who answered last, or comes next */
    bool failed_before;  /* the last connect failed */
    char refusal[REFUSAL_BYTES]; /* why, where the server said it; else "" */
    bool heard; /* somebody follows the events, when it was last looked */
    bool prepared[STATEMENTS];
};

/* Waits for the connection's socket; 1 ready, 0 too late, -1 failed. */
int db_wait(struct db *d, short events, int64_t deadline_ms) MUST_CHECK;

/* Collects everything that was asked for.  The last result, or the first that failed,
 * decides.  Returns 0, or -1 with e. */
int db_collect(struct db *d, const char *what, int64_t deadline_ms, PGresult **out,
               struct error *e) MUST_CHECK;

/* When a statement that begins now is given up. */
int64_t db_statement_deadline(const struct db *d) MUST_CHECK;

/* Sets ERROR_UNAVAILABLE with a reason; the second closes the connection too.  Return
 * -1. */
int db_unavailable(struct error *e, const char *what, const char *why);
int db_lost(struct db *d, const char *what, const char *why, struct error *e);

#endif
