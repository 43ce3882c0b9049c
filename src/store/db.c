#include "store/db.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/io.h"
#include "base/log.h"
#include "store/db_state.h"

#define GRACE_MS 1000
#define QUIET_MS 20

struct db *
db_new(const struct db_settings *settings)
{
    struct db *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->settings = *settings;
    d->idle.fd = -1;
    d->deadline_ms = INT64_MAX;
    return d;
}

void
db_close(struct db *d)
{
    if (d->conn != NULL)
        libpq.PQfinish(d->conn);
    d->conn = NULL;
    (void)memset(d->prepared, 0, sizeof d->prepared);
}

void
db_free(struct db *d)
{
    if (d == NULL)
        return;
    db_close(d);
    free(d);
}

void
db_set_idle(struct db *d, const struct db_idle *idle)
{
    d->idle = *idle;
}

void
db_set_deadline(struct db *d, int64_t deadline_ms)
{
    d->deadline_ms = deadline_ms;
}

bool
db_is_connected(const struct db *d)
{
    return d->conn != NULL;
}

const char *
db_refusal(const struct db *d)
{
    return d->refusal;
}

int
db_version(const struct db *d)
{
    return d->conn == NULL ? 0 : libpq.PQserverVersion(d->conn);
}

bool
db_error_is_lost(const struct error *e)
{
    return e->kind == ERROR_UNAVAILABLE && e->sqlstate[0] == '\0';
}

/* The hook is served only when the wait is longer than a commit should take: what clients
 * send until then is read at once afterwards, for a third of the system calls. */
int
db_wait(struct db *d, short events, int64_t deadline_ms)
{
    struct pollfd p[2] = {{.fd = libpq.PQsocket(d->conn), .events = events},
                          {.events = POLLIN}};
    int64_t quiet_until_ms = clock_now_ms() + QUIET_MS;

    for (;;) {
        int64_t now_ms = clock_now_ms(), left;
        bool quiet = now_ms < quiet_until_ms;
        int n;

        left = (deadline_ms < d->deadline_ms ? deadline_ms : d->deadline_ms) - now_ms;
        if (left <= 0)
            return 0;
        if (quiet && left > QUIET_MS)
            left = QUIET_MS;
        if (d->idle.serve != NULL && left > DB_IDLE_MS)
            left = DB_IDLE_MS;
        p[1].fd = d->idle.fd; /* the hook may want no more input */
        p[1].revents = 0;
        n = poll(p, quiet ? 1 : 2, left > 60000 ? 60000 : (int)left);
        if (n < 0 && errno != EINTR)
            return -1;
        if (d->idle.serve != NULL && !quiet)
            d->idle.serve(d->idle.context);
        if (n > 0 && p[0].revents != 0)
            return 1;
    }
}

int
db_unavailable(struct error *e, const char *what, const char *why)
{
    error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    return error_detail(e, "%s: %.200s", what, why);
}

/* Only the first line of libpq's message is kept: later ones may quote data. */
int
db_lost(struct db *d, const char *what, const char *why, struct error *e)
{
    size_t n = strcspn(why, "\n");
    char line[200] = {0};

    (void)memcpy(line, why, n < sizeof line ? n : sizeof line - 1);
    db_unavailable(e, what, line);
    db_close(d);
    return -1;
}

static enum error_kind
kind_of(const char *sqlstate)
{
    if (strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0 ||
        strncmp(sqlstate, "54", 2) == 0)
        return ERROR_POISON;
    return ERROR_UNAVAILABLE;
}

/* Turns a failed result into an error.  PostgreSQL may give no SQLSTATE: then the
 * connection is gone. */
static int
refused(struct db *d, const char *what, const PGresult *r, struct error *e)
{
    const char *state = libpq.PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = libpq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

    if (state == NULL)
        return db_lost(d, what, libpq.PQerrorMessage(d->conn), e);
    db_unavailable(e, what, "refused by PostgreSQL");
    e->kind = kind_of(state);
    if (e->kind == ERROR_POISON)
        (void)snprintf(e->text, sizeof e->text, "the database refused this event");
    else if (message != NULL) /* quotes no data outside classes 22 and 23 */
        error_detail(e, "%s: %.200s", what, message);
    (void)snprintf(e->sqlstate, sizeof e->sqlstate, "%.5s", state);
    /* 57: shut down or terminated; 08: connection; 25: our session is in a state we never
     * asked for; 26: somebody dropped our prepared statements. */
    if (strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 ||
        strncmp(state, "25", 2) == 0 || strncmp(state, "26", 2) == 0) {
        e->sqlstate[0] = '\0';
        db_close(d);
    }
    return -1;
}

int
db_collect(struct db *d, const char *what, int64_t deadline_ms, PGresult **out,
           struct error *e)
{
    PGresult *last = NULL, *r;

    for (;;) {
        int flushed = libpq.PQflush(d->conn), ready = 1;

        if (flushed < 0)
            break;
        if (flushed > 0 || libpq.PQisBusy(d->conn)) {
            ready = db_wait(d, flushed > 0 ? POLLIN | POLLOUT : POLLIN, deadline_ms);
            if (ready > 0 && libpq.PQconsumeInput(d->conn) == 0)
                break;
        }
        if (ready <= 0) {
            libpq.PQclear(last);
            return db_lost(d, what, ready == 0 ? "no answer in time" : strerror(errno),
                           e);
        }
        if (flushed > 0 || libpq.PQisBusy(d->conn))
            continue;
        r = libpq.PQgetResult(d->conn);
        if (r == NULL) {
            if (last == NULL)
                break;
            *out = last;
            return 0;
        }
        libpq.PQclear(last);
        last = r;
        if (libpq.PQresultStatus(r) != PGRES_COMMAND_OK &&
            libpq.PQresultStatus(r) != PGRES_TUPLES_OK) {
            int rc = refused(d, what, r, e);

            while (d->conn != NULL && (r = libpq.PQgetResult(d->conn)) != NULL)
                libpq.PQclear(r);
            libpq.PQclear(last);
            return rc;
        }
    }
    libpq.PQclear(last);
    return db_lost(d, what, libpq.PQerrorMessage(d->conn), e);
}

int64_t
db_statement_deadline(const struct db *d)
{
    return clock_now_ms() + d->settings.statement_timeout_ms + GRACE_MS;
}

static int
prepare(struct db *d, enum statement s, struct error *e)
{
    PGresult *r;

    if (d->prepared[s])
        return 0;
    if (libpq.PQsendPrepare(d->conn, statement_name(s), statement_sql(s), 0, NULL) == 0)
        return db_lost(d, statement_name(s), libpq.PQerrorMessage(d->conn), e);
    if (db_collect(d, statement_name(s), db_statement_deadline(d), &r, e) != 0)
        return -1;
    libpq.PQclear(r);
    d->prepared[s] = true;
    return 0;
}

static int
run_once(struct db *d, enum statement s, const struct db_param *params, size_t count,
         PGresult **out, struct error *e)
{
    const char *values[DB_PARAMS];
    int lengths[DB_PARAMS], formats[DB_PARAMS], sent;

    CHECK(count <= DB_PARAMS);
    for (size_t i = 0; i < count; i++) {
        CHECK(params[i].n <= INT32_MAX);
        values[i] = params[i].p;
        lengths[i] = (int)params[i].n;
        formats[i] = 1;
    }
    if (d->settings.prepare) {
        if (prepare(d, s, e) != 0)
            return -1;
        sent = libpq.PQsendQueryPrepared(d->conn, statement_name(s), (int)count, values,
                                         lengths, formats, 1);
    } else {
        sent = libpq.PQsendQueryParams(d->conn, statement_sql(s), (int)count, NULL,
                                       values, lengths, formats, 1);
    }
    if (sent == 0)
        return db_lost(d, statement_name(s), libpq.PQerrorMessage(d->conn), e);
    if (s == STATEMENT_STORE)
        CRASH_POINT("store-sent");
    return db_collect(d, statement_name(s), db_statement_deadline(d), out, e);
}

static void
hand_over(PGresult *r, PGresult **out)
{
    if (out != NULL)
        *out = r;
    else
        libpq.PQclear(r);
}

/* Wakes who follows the events (admin/tail.h).  As long as nobody does this is one look
 * every DB_TELL_MS, on what PostgreSQL has in memory.  It is not worth failing for. */
static void
tell_listeners(struct db *d)
{
    int64_t now_ms = clock_now_ms();
    struct error ignored;
    PGresult *r = NULL;

    if (!d->heard && now_ms < d->tell_at_ms)
        return;
    d->tell_at_ms = now_ms + DB_TELL_MS;
    d->heard =
        run_once(d, STATEMENT_TELL, NULL, 0, &r, &ignored) == 0 && libpq.PQntuples(r) > 0;
    libpq.PQclear(r);
}

int
db_wait_notice(struct db *d, int64_t timeout_ms, struct error *e)
{
    int64_t until_ms = clock_now_ms() + timeout_ms;
    int notices = 0;

    for (;;) {
        int64_t left;
        PGnotify *n;

        if (d->conn == NULL)
            return db_unavailable(e, "listen", "the connection was lost");
        if (libpq.PQconsumeInput(d->conn) == 0)
            return db_lost(d, "listen", libpq.PQerrorMessage(d->conn), e);
        for (; (n = libpq.PQnotifies(d->conn)) != NULL; notices++)
            libpq.PQfreemem(n);
        left = until_ms - clock_now_ms();
        if (notices > 0 || left <= 0)
            return notices > 0;
        if (io_wait(libpq.PQsocket(d->conn), POLLIN, left) < 0)
            return db_lost(d, "listen", strerror(errno), e);
    }
}

int
db_run(struct db *d, enum statement s, const struct db_param *params, size_t count,
       PGresult **out, struct error *e)
{
    bool was_connected = d->conn != NULL;
    PGresult *r = NULL;
    int rc;

    if (db_connect(d, e) != 0)
        return -1;
    rc = run_once(d, s, params, count, &r, e);
    /* A connection that was idle may have died long ago; only a fresh one tells the
     * truth. */
    if (rc != 0 && was_connected && db_error_is_lost(e)) {
        log_error(LOG_LEVEL_WARNING, LOG_DATABASE_LOST, e, NULL, 0);
        if (db_connect(d, e) != 0)
            return -1;
        e->kind = ERROR_NONE; /* a batch asks afterwards whether anything failed */
        rc = run_once(d, s, params, count, &r, e);
    }
    if (rc == 0 && s == STATEMENT_STORE)
        tell_listeners(d);
    if (rc == 0)
        hand_over(r, out);
    return rc;
}

int
db_run_text(struct db *d, const char *sql, PGresult **out, struct error *e)
{
    PGresult *r = NULL;

    if (db_connect(d, e) != 0)
        return -1;
    if (libpq.PQsendQuery(d->conn, sql) == 0)
        return db_lost(d, "command", libpq.PQerrorMessage(d->conn), e);
    if (db_collect(d, "command", db_statement_deadline(d), &r, e) != 0)
        return -1;
    hand_over(r, out);
    return 0;
}

int
db_run_params(struct db *d, const char *sql, const char *const *params, size_t count,
              PGresult **out, struct error *e)
{
    PGresult *r = NULL;

    CHECK(count <= DB_PARAMS);
    if (db_connect(d, e) != 0)
        return -1;
    if (libpq.PQsendQueryParams(d->conn, sql, (int)count, NULL, params, NULL, NULL, 0) ==
        0)
        return db_lost(d, "query", libpq.PQerrorMessage(d->conn), e);
    if (db_collect(d, "query", db_statement_deadline(d), &r, e) != 0)
        return -1;
    hand_over(r, out);
    return 0;
}
