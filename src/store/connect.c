/* connect: how a connection of db.h comes about: host after host, and when the server is
 * full, again. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "store/db_state.h"
#include "store/hosts.h"
#include "store/refusal.h"

/* Between two tries on a server that is full; each process adds something of its own. */
#define FULL_PAUSE_MS 50

static void
ignore_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static int
set_session(struct db *d, struct error *e)
{
    char sql[512];
    PGresult *r = NULL;

    (void)snprintf(sql, sizeof sql,
                   "SET statement_timeout = %lld; SET client_min_messages = error;"
                   " SET timezone = 'UTC'%s%s",
                   (long long)d->settings.statement_timeout_ms,
                   d->settings.session == NULL ? "" : "; ",
                   d->settings.session == NULL ? "" : d->settings.session);
    if (libpq.PQsendQuery(d->conn, sql) == 0)
        return db_lost(d, "session", libpq.PQerrorMessage(d->conn), e);
    if (db_collect(d, "session", db_statement_deadline(d), &r, e) != 0)
        return -1;
    libpq.PQclear(r);
    return 0;
}

/* One host of the connection string. */
static int
connect_host(struct db *d, const struct hosts *hosts, size_t which, struct error *e)
{
    const char *names[HOSTS_PARAMS], *values[HOSTS_PARAMS];
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    int64_t deadline_ms = clock_now_ms() + d->settings.connect_timeout_ms;

    hosts_params(hosts, which, names, values);
    d->conn = libpq.PQconnectStartParams(names, values, 1);
    if (d->conn == NULL)
        return db_unavailable(e, "connect", "out of memory");
    if (libpq.PQstatus(d->conn) == CONNECTION_BAD)
        return db_lost(d, "connect", libpq.PQerrorMessage(d->conn), e);
    (void)libpq.PQsetNoticeProcessor(d->conn, ignore_notice, NULL);
    (void)libpq.PQsetErrorVerbosity(d->conn, PQERRORS_VERBOSE); /* with the SQLSTATE */
    while (state != PGRES_POLLING_OK) {
        int ready =
            db_wait(d, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline_ms);

        if (ready <= 0)
            return db_lost(d, "connect",
                           ready == 0 ? "no answer in time" : strerror(errno), e);
        state = libpq.PQconnectPoll(d->conn);
        if (state == PGRES_POLLING_FAILED) {
            refusal_read(libpq.PQerrorMessage(d->conn), d->refusal);
            return db_lost(d, "connect", libpq.PQerrorMessage(d->conn), e);
        }
    }
    (void)libpq.PQsetErrorVerbosity(d->conn, PQERRORS_DEFAULT);
    if (libpq.PQsetnonblocking(d->conn, 1) != 0)
        return db_lost(d, "connect", libpq.PQerrorMessage(d->conn), e);
    return set_session(d, e);
}

/* libpq goes on to the next host by itself when one refuses, but waits without end for
 * one that says nothing: so each is tried alone.  When the time is up in the middle, the
 * next try goes on from there. */
static int
connect_now(struct db *d, struct error *e)
{
    struct hosts hosts;
    int rc = -1;

    if (libpq_load(e) != 0 || hosts_read(&hosts, d->settings.conninfo, e) != 0)
        return -1;
    for (size_t i = 0;
         i == 0 || (i < hosts.count && rc != 0 && clock_now_ms() < d->deadline_ms); i++) {
        rc = connect_host(d, &hosts, d->host % hosts.count, e);
        d->host += rc != 0;
    }
    hosts_release(&hosts);
    return rc;
}

/* A database with few connections is full for moments: it is asked again, by each at
 * times of its own. */
static int
connect_patiently(struct db *d, struct error *e)
{
    int64_t until_ms = clock_now_ms() + DB_FULL_MS;
    int64_t pause_ms = FULL_PAUSE_MS + getpid() % FULL_PAUSE_MS;
    int rc;

    if (until_ms > d->deadline_ms)
        until_ms = d->deadline_ms;
    do {
        d->refusal[0] = '\0';
        rc = connect_now(d, e);
    } while (rc != 0 && d->idle.serve == NULL && strcmp(d->refusal, REFUSAL_FULL) == 0 &&
             clock_now_ms() + pause_ms < until_ms && io_wait(-1, 0, pause_ms) == 0);
    return rc;
}

int
db_connect(struct db *d, struct error *e)
{
    int64_t began_ms = clock_now_ms();

    if (d->conn != NULL)
        return 0;
    if (d->failed_before && began_ms < d->retry_at_ms)
        return db_unavailable(e, "connect", "failed a moment ago");
    if (connect_patiently(d, e) != 0) {
        int64_t took_ms = clock_now_ms() - began_ms;

        if (!d->failed_before)
            log_error(LOG_LEVEL_ERROR, LOG_DATABASE_LOST, e, NULL, 0);
        d->failed_before = true;
        d->retry_at_ms = clock_now_ms() + (took_ms < DB_RETRY_MS       ? DB_RETRY_MS
                                           : took_ms > DB_RETRY_MAX_MS ? DB_RETRY_MAX_MS
                                                                       : took_ms);
        return -1;
    }
    if (d->failed_before)
        log_write(LOG_LEVEL_INFO, LOG_DATABASE_BACK, NULL, 0);
    d->failed_before = false;
    return 0;
}
