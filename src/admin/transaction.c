#include "admin/transaction.h"

#include <stdio.h>
#include <string.h>

#include "admin/sql.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"

#define POLL_MS 10
#define WRITERS_MS ((int64_t)120 * 1000)

static bool
is_conflict(const struct error *e)
{
    return strcmp(e->sqlstate, "40P01") == 0 || strcmp(e->sqlstate, "40001") == 0;
}

static int
run_once(struct db *d, transaction_work *work, void *context, struct error *e)
{
    struct error ignored;
    int rc;

    if (db_run_text(d, "BEGIN", NULL, e) != 0)
        return -1;
    rc = work(d, context, e);
    if (rc == 0)
        return db_run_text(d, "COMMIT", NULL, e);
    if (db_is_connected(d) && db_run_text(d, "ROLLBACK", NULL, &ignored) != 0)
        db_close(d);
    return -1;
}

int
transaction_run(struct db *d, transaction_work *work, void *context, struct error *e)
{
    int rc = -1;

    for (int i = 0; i < TRANSACTION_TRIES; i++) {
        rc = run_once(d, work, context, e);
        if (rc == 0 || !is_conflict(e))
            break;
    }
    return rc;
}

int
transaction_do(struct db *d, const char *sql, const char *const *params, size_t count,
               int64_t *rows, struct error *e)
{
    PGresult *r;

    if (db_run_params(d, sql, params, count, &r, e) != 0)
        return -1;
    if (rows != NULL && num_parse(str_of(libpq.PQcmdTuples(r)), 0, INT64_MAX, rows) != 0)
        *rows = 0;
    libpq.PQclear(r);
    return 0;
}

int
transaction_wait_for_writers(struct db *d, struct error *e)
{
    int64_t deadline_ms = clock_now_ms() + WRITERS_MS;
    const char *params[] = {NULL};
    PGresult *before = NULL, *r;
    int rc = 0;

    while (rc == 0) {
        bool none;

        rc = db_run_params(d, admin_sql_writers, params, 1, &r, e);
        if (rc != 0)
            break;
        none = libpq.PQgetvalue(r, 0, 0)[0] == '\0';
        libpq.PQclear(before);
        before = r;
        params[0] = libpq.PQgetvalue(r, 0, 0);
        if (none)
            break;
        if (clock_now_ms() > deadline_ms)
            rc = error_set(e, ERROR_UNAVAILABLE,
                           "another process has been writing issues for two minutes");
        else if (io_wait(-1, 0, POLL_MS) < 0)
            rc = error_errno(e, "poll");
    }
    libpq.PQclear(before);
    return rc;
}
