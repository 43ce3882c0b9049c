#include "store/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define QUIET_MS 20

/* duplicate_prepared_statement */
#define NAME_EXISTS "42P05"

/* untranslatable_character */
#define UNTRANSLATABLE "22P05"

/* read_only_sql_transaction */
#define READ_ONLY "25006"

void
link_close(struct link *l)
{
    if (l->conn != NULL)
        libpq.PQfinish(l->conn);
    l->conn = NULL;
}

/* The hook runs only when the wait is longer than a commit should take.  Anything that
 * clients send before then is read right after the commit, with a third of the system
 * calls. */
static int
wait_for_socket(struct link *l, short events, int64_t deadline_ms)
{
    struct pollfd p[2] = {{.fd = libpq.PQsocket(l->conn), .events = events},
                          {.events = POLLIN}};
    int64_t quiet_until_ms = clock_now_ms() + QUIET_MS;

    for (;;) {
        int64_t now_ms = clock_now_ms(), left;
        bool quiet = now_ms < quiet_until_ms;
        int n;

        left = (deadline_ms < l->deadline_ms ? deadline_ms : l->deadline_ms) - now_ms;
        if (left <= 0)
            return 0;
        if (quiet && left > QUIET_MS)
            left = QUIET_MS;
        if (l->idle.serve != NULL && left > DB_IDLE_MS)
            left = DB_IDLE_MS;
        p[1].fd = l->idle.fd; /* the hook may have stopped reading */
        p[1].revents = 0;
        n = poll(p, quiet ? 1 : 2, left > 60000 ? 60000 : (int)left);
        if (n < 0 && errno != EINTR)
            return -1;
        if (l->idle.serve != NULL && !quiet)
            l->idle.serve(l->idle.context);
        if (n > 0 && p[0].revents != 0)
            return 1;
    }
}

int
link_unavailable(struct error *e, const char *what, const char *why)
{
    error_set(e, ERROR_UNAVAILABLE, "database unavailable");
    return error_detail(e, "%s: %.200s", what, why);
}

int
link_lost(struct link *l, const char *what, const char *why, struct error *e)
{
    size_t n = strcspn(why, "\n");
    char line[200] = {0};

    (void)memcpy(line, why, n < sizeof line ? n : sizeof line - 1);
    link_unavailable(e, what, line);
    link_close(l);
    return -1;
}

int
link_broken(struct link *l, const char *what, struct error *e)
{
    return link_lost(l, what, libpq.PQerrorMessage(l->conn), e);
}

/* Returns whether PostgreSQL cannot store this text only because of the encoding of the
 * database: after that was corrected, it can. */
static bool
is_encoding(const struct link *l, const char *sqlstate)
{
    const char *encoding = libpq.PQparameterStatus(l->conn, "server_encoding");

    return strcmp(sqlstate, UNTRANSLATABLE) == 0 && encoding != NULL &&
           strcmp(encoding, "UTF8") != 0;
}

static enum error_kind
kind_of(const struct link *l, const char *sqlstate)
{
    if (is_encoding(l, sqlstate))
        return ERROR_UNAVAILABLE;
    if (strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0 ||
        strncmp(sqlstate, "54", 2) == 0)
        return ERROR_POISON;
    return ERROR_UNAVAILABLE;
}

/* Returns whether a connection is of no further use: 57: shut down or terminated; 08:
 * connection; 25: the session is in a state that this program never requested, or the
 * server accepts no changes; 26, 42P05: our prepared statements are gone, or somebody
 * else's are there. */
static bool
ends_connection(const char *state)
{
    return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 ||
           strncmp(state, "25", 2) == 0 || strncmp(state, "26", 2) == 0 ||
           strcmp(state, NAME_EXISTS) == 0;
}

/* Turns a failed result into an error.  Without an SQLSTATE from PostgreSQL, the
 * connection is lost. */
static int
refused(struct link *l, const char *what, const PGresult *r, struct error *e)
{
    const char *state = libpq.PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = libpq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

    if (state == NULL)
        return link_broken(l, what, e);
    link_unavailable(e, what, "refused by PostgreSQL");
    e->kind = kind_of(l, state);
    if (e->kind == ERROR_POISON)
        (void)snprintf(e->text, sizeof e->text, "the database refused this event");
    else if (strcmp(state, UNTRANSLATABLE) == 0)
        error_detail(e, "%s: the encoding of the database is not UTF8", what);
    else if (message != NULL) /* outside classes 22 and 23 it quotes no data */
        error_detail(e, "%s: %.200s", what, message);
    (void)snprintf(e->sqlstate, sizeof e->sqlstate, "%.5s", state);
    l->names_lost =
        l->names_lost || strncmp(state, "26", 2) == 0 || strcmp(state, NAME_EXISTS) == 0;
    if (strcmp(state, READ_ONLY) == 0)
        error_detail(e, "%s: %.150s: mesherctl doctor says where this is set", what,
                     message == NULL ? "read-only" : message);
    if (ends_connection(state)) {
        e->sqlstate[0] = '\0';
        link_close(l);
    }
    return -1;
}

static bool
is_good(const PGresult *r)
{
    ExecStatusType status = libpq.PQresultStatus(r);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Waits until the next result, or the end of results (*out is NULL), can be read. */
static int
next_result(struct link *l, const char *what, int64_t deadline_ms, PGresult **out,
            struct error *e)
{
    for (;;) {
        int flushed = libpq.PQflush(l->conn), ready;

        if (flushed < 0)
            return link_broken(l, what, e);
        if (flushed == 0 && !libpq.PQisBusy(l->conn))
            break;
        ready = wait_for_socket(l, flushed > 0 ? POLLIN | POLLOUT : POLLIN, deadline_ms);
        if (ready <= 0)
            return link_lost(l, what, ready == 0 ? "no answer in time" : strerror(errno),
                             e);
        if (libpq.PQconsumeInput(l->conn) == 0)
            return link_broken(l, what, e);
    }
    *out = libpq.PQgetResult(l->conn);
    return 0;
}

static int
send_query(struct link *l, const struct link_query *q)
{
    return libpq.PQsendQueryParams(l->conn, q->sql, q->count, NULL, q->values, q->lengths,
                                   q->formats, q->result_format);
}

int
link_send(struct link *l, const struct link_query *q, struct error *e)
{
    return send_query(l, q) != 0 ? 0 : link_broken(l, q->what, e);
}

/* Hands the last result over, or clears it after a failure; that there is none is one. */
static int
hand_over(struct link *l, const char *what, int rc, PGresult *last, PGresult **out,
          struct error *e)
{
    if (rc == 0 && last == NULL)
        rc = link_broken(l, what, e);
    if (rc == 0)
        *out = last;
    else
        libpq.PQclear(last);
    return rc;
}

int
link_collect(struct link *l, const char *what, int64_t deadline_ms, PGresult **out,
             struct error *e)
{
    PGresult *last = NULL, *r;
    int rc;

    while ((rc = next_result(l, what, deadline_ms, &r, e)) == 0 && r != NULL) {
        libpq.PQclear(last);
        last = r;
        if (is_good(r))
            continue;
        rc = refused(l, what, r, e);
        while (l->conn != NULL && (r = libpq.PQgetResult(l->conn)) != NULL)
            libpq.PQclear(r);
        break;
    }
    return hand_over(l, what, rc, last, out, e);
}

/* Reads the answers up to the end of the transaction.  After the first refusal, all
 * further answers only say that they were skipped. */
static int
collect_together(struct link *l, const char *what, int64_t deadline_ms, PGresult **out,
                 struct error *e)
{
    PGresult *last = NULL, *r;
    bool done = false, ended = false;
    int rc = 0;

    while (!done) {
        if (next_result(l, what, deadline_ms, &r, e) != 0 ||
            (r == NULL && ended && link_broken(l, what, e) != 0)) {
            rc = -1;
            break;
        }
        ended = r == NULL; /* the end of one query */
        if (ended)
            continue;
        done = libpq.PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        if (!done && rc == 0 && !is_good(r)) {
            rc = refused(l, what, r, e);
            done = l->conn == NULL;
        }
        if (!done && is_good(r)) {
            libpq.PQclear(last);
            last = r;
        } else {
            libpq.PQclear(r);
        }
    }
    return hand_over(l, what, rc, last, out, e);
}

int
link_run_together(struct link *l, const struct link_query *queries, size_t count,
                  int64_t deadline_ms, PGresult **out, struct error *e)
{
    const char *what = queries[count - 1].what;
    int sent = libpq.PQenterPipelineMode(l->conn), rc;

    for (size_t i = 0; sent != 0 && i < count; i++)
        sent = send_query(l, &queries[i]);
    if (sent == 0 || libpq.PQpipelineSync(l->conn) == 0)
        return link_broken(l, what, e);
    rc = collect_together(l, what, deadline_ms, out, e);
    if (l->conn != NULL && libpq.PQexitPipelineMode(l->conn) == 0) {
        if (rc == 0)
            libpq.PQclear(*out);
        return link_broken(l, what, e);
    }
    return rc;
}

static void
ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

int
link_open(struct link *l, const char *const *names, const char *const *values,
          int64_t timeout_ms, struct error *e)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    int64_t deadline_ms = clock_now_ms() + timeout_ms;

    l->conn = libpq.PQconnectStartParams(names, values, 1);
    if (l->conn == NULL)
        return link_unavailable(e, "connect", "out of memory");
    if (libpq.PQstatus(l->conn) == CONNECTION_BAD)
        return link_broken(l, "connect", e);
    (void)libpq.PQsetNoticeProcessor(l->conn, ignore_notice, NULL);
    (void)libpq.PQsetErrorVerbosity(l->conn, PQERRORS_VERBOSE); /* adds the SQLSTATE */
    while (state != PGRES_POLLING_OK) {
        int ready = wait_for_socket(l, state == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                                    deadline_ms);

        if (ready <= 0)
            return link_lost(l, "connect",
                             ready == 0 ? "no answer in time" : strerror(errno), e);
        state = libpq.PQconnectPoll(l->conn);
        if (state == PGRES_POLLING_FAILED) {
            refusal_read(libpq.PQerrorMessage(l->conn), l->refusal);
            return link_broken(l, "connect", e);
        }
    }
    (void)libpq.PQsetErrorVerbosity(l->conn, PQERRORS_DEFAULT);
    if (libpq.PQsetnonblocking(l->conn, 1) != 0)
        return link_broken(l, "connect", e);
    return 0;
}
