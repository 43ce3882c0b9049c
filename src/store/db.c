#include "store/db.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/compat.h"
#include "base/crash.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/num.h"
#include "store/environment.h"
#include "store/hosts.h"
#include "store/libpq.h"
#include "store/link.h"
#include "store/refusal.h"
#include "store/session.h"

struct db {
    struct db_settings settings;
    struct link link;
    struct session session;
    int64_t retry_at_ms;
    int64_t tell_at_ms; /* when to check again whether anybody follows the events */
    size_t host; /* the host to try first: the last one that answered, or the next one */
    int64_t clock_us;   /* the database's clock at monotonic time 0; 0: unknown */
    bool said_clock;    /* that it is not ours was logged */
    bool failed_before; /* the last connect failed */
    bool shared;        /* a pooler is in between: no state of the session is ours */
    bool heard;         /* somebody followed the events at the last check */
    bool prepared[N_STATEMENTS];
};

#define GRACE_MS 1000

/* A difference between the database's clock and ours that is logged. */
#define CLOCK_OFF_US INT64_C(30000000)

/* Room for a command that follows the settings of its transaction. */
#define TEXT_MAX_BYTES (8 * LIMIT_MIB)

struct db *
db_new(const struct db_settings *settings)
{
    struct db *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->settings = *settings;
    d->link = (struct link){.idle = {.fd = -1}, .deadline_ms = INT64_MAX};
    if (session_init(&d->session, settings->statement_timeout_ms, settings->batch) == 0)
        return d;
    free(d);
    return NULL;
}

struct db *
db_like(const struct db *d)
{
    return db_new(&d->settings);
}

void
db_close(struct db *d)
{
    link_close(&d->link);
    (void)memset(d->prepared, 0, sizeof d->prepared);
}

void
db_free(struct db *d)
{
    if (d == NULL)
        return;
    db_close(d);
    session_release(&d->session);
    free(d);
}

void
db_set_idle(struct db *d, const struct db_idle *idle)
{
    d->link.idle = *idle;
}

void
db_set_deadline(struct db *d, int64_t deadline_ms)
{
    d->link.deadline_ms = deadline_ms;
}

bool
db_is_connected(const struct db *d)
{
    return d->link.conn != NULL;
}

const char *
db_refusal(const struct db *d)
{
    return d->link.refusal;
}

bool
db_is_shared(const struct db *d)
{
    return d->shared;
}

const char *
db_encoding(const struct db *d)
{
    const char *encoding = d->link.conn == NULL
                               ? NULL
                               : libpq.PQparameterStatus(d->link.conn, "server_encoding");

    return encoding == NULL ? "" : encoding;
}

int
db_version(const struct db *d)
{
    return d->link.conn == NULL ? 0 : libpq.PQserverVersion(d->link.conn);
}

bool
db_error_is_lost(const struct error *e)
{
    return e->kind == ERROR_UNAVAILABLE && e->sqlstate[0] == '\0';
}

static int64_t
statement_deadline(const struct db *d)
{
    return clock_now_ms() + d->settings.statement_timeout_ms + GRACE_MS;
}

/* The pause between two attempts on a full server; each process adds an amount of up
 * to the same length. */
#define FULL_PAUSE_MS 50

int64_t
db_wall_us(const struct db *d)
{
    return d->clock_us == 0 ? clock_wall_us() : d->clock_us + clock_now_ms() * 1000;
}

/* Keeps the database's clock, and logs once that ours is another. */
static void
take_clock(struct db *d, const PGresult *r, int column, int64_t asked_ms)
{
    int64_t at_us, off_us;

    if (num_parse(db_get_str(r, 0, column), 0, INT64_MAX / 2, &at_us) != 0)
        return;
    d->clock_us = at_us - (asked_ms + clock_now_ms()) / 2 * 1000;
    off_us = db_wall_us(d) - clock_wall_us();
    if (off_us > -CLOCK_OFF_US && off_us < CLOCK_OFF_US) {
        d->said_clock = false;
        return;
    }
    if (!d->said_clock)
        log_write(LOG_LEVEL_WARNING, LOG_CLOCK_DIFFERS,
                  &LOG_NUMBER("database_ahead_s", off_us / 1000000), 1);
    d->said_clock = true;
}

int
db_read_clock(struct db *d, struct error *e)
{
    int64_t asked_ms;
    PGresult *r;

    if (db_connect(d, e) != 0)
        return -1;
    asked_ms = clock_now_ms();
    if (db_run_params(d,
                      "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
                      NULL, 0, &r, e) != 0)
        return -1;
    take_clock(d, r, 0, asked_ms);
    libpq.PQclear(r);
    return 0;
}

/* Has the process that this connection leads to set the session's settings.  If another
 * one answers, a pooler is in between, and nothing is set. */
static int
begin_session(struct db *d, struct error *e)
{
    struct link_query q = session_query(&d->session, libpq.PQbackendPID(d->link.conn));
    int64_t asked_ms = clock_now_ms();
    int64_t deadline_ms = asked_ms + d->settings.connect_timeout_ms;
    PGresult *r;

    (void)memset(d->prepared, 0, sizeof d->prepared);
    if (link_send(&d->link, &q, e) != 0)
        return -1;
    if (link_collect(&d->link, "session", deadline_ms, &r, e) != 0) {
        link_close(&d->link);
        return -1;
    }
    d->shared = d->link.names_lost || libpq.PQgetvalue(r, 0, 0)[0] != 't';
    take_clock(d, r, 2, asked_ms);
    libpq.PQclear(r);
    return 0;
}

/* Connects to one host of the connection string. */
static int
connect_host(struct db *d, const struct hosts *hosts, size_t which, struct error *e)
{
    const char *names[HOSTS_PARAMS], *values[HOSTS_PARAMS];

    hosts_params(hosts, which, names, values);
    if (link_open(&d->link, names, values, d->settings.connect_timeout_ms, e) != 0)
        return -1;
    return begin_session(d, e);
}

/* libpq moves on to the next host by itself when one refuses, but waits indefinitely
 * for a host that stays silent; so each host is tried separately.  When the time runs
 * out, the next attempt continues from the same place. */
static int
connect_now(struct db *d, struct error *e)
{
    struct hosts hosts;
    int rc = -1;

    environment_settle(d->settings.conninfo);
    if (libpq_load(e) != 0 || hosts_read(&hosts, d->settings.conninfo, e) != 0)
        return -1;
    for (size_t i = 0;
         i == 0 || (i < hosts.count && rc != 0 && clock_now_ms() < d->link.deadline_ms);
         i++) {
        rc = connect_host(d, &hosts, d->host % hosts.count, e);
        d->host += rc != 0;
    }
    hosts_release(&hosts);
    return rc;
}

/* A database with few connections may be full for a moment: retry, with a different
 * pause in each process. */
static int
connect_patiently(struct db *d, struct error *e)
{
    int64_t until_ms = clock_now_ms() + DB_FULL_MS;
    int64_t pause_ms = FULL_PAUSE_MS + getpid() % FULL_PAUSE_MS;
    int rc;

    if (until_ms > d->link.deadline_ms)
        until_ms = d->link.deadline_ms;
    do {
        d->link.refusal[0] = '\0';
        rc = connect_now(d, e);
    } while (rc != 0 && d->link.idle.serve == NULL &&
             strcmp(d->link.refusal, REFUSAL_FULL) == 0 &&
             clock_now_ms() + pause_ms < until_ms && io_wait(-1, 0, pause_ms) == 0);
    return rc;
}

int
db_connect(struct db *d, struct error *e)
{
    int64_t began_ms = clock_now_ms();

    if (d->link.conn != NULL)
        return 0;
    if (d->failed_before && began_ms < d->retry_at_ms)
        return link_unavailable(e, "connect", "failed a moment ago");
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

static int
prepare(struct db *d, enum statement s, struct error *e)
{
    PGresult *r;

    if (d->prepared[s])
        return 0;
    if (libpq.PQsendPrepare(d->link.conn, statement_name(s), statement_sql(s), 0, NULL) ==
        0)
        return link_broken(&d->link, statement_name(s), e);
    if (link_collect(&d->link, statement_name(s), statement_deadline(d), &r, e) != 0)
        return -1;
    libpq.PQclear(r);
    d->prepared[s] = true;
    return 0;
}

/* Returns whether the next statement begins a transaction in a session of which nothing
 * is known. */
static bool
begins_unknown(const struct db *d)
{
    return d->shared && libpq.PQtransactionStatus(d->link.conn) == PQTRANS_IDLE;
}

/* Runs a query that nothing was prepared for. */
static int
run_query(struct db *d, const struct link_query *q, PGresult **out, struct error *e)
{
    struct link_query all[SESSION_BEGIN + 1];

    if (!begins_unknown(d))
        return link_send(&d->link, q, e) != 0
                   ? -1
                   : link_collect(&d->link, q->what, statement_deadline(d), out, e);
    session_begin(&d->session, all);
    all[SESSION_BEGIN] = *q;
    return link_run_together(&d->link, all, COUNT_OF(all), statement_deadline(d), out, e);
}

static int
run_once(struct db *d, enum statement s, const struct db_param *params, size_t count,
         PGresult **out, struct error *e)
{
    const char *values[DB_PARAMS], *name = statement_name(s);
    int lengths[DB_PARAMS], formats[DB_PARAMS];
    const struct link_query q = {name,    statement_sql(s), (int)count, values,
                                 lengths, formats,          1};

    CHECK(count <= DB_PARAMS);
    for (size_t i = 0; i < count; i++) {
        CHECK(params[i].n <= INT32_MAX);
        values[i] = params[i].p;
        lengths[i] = (int)params[i].n;
        formats[i] = 1;
    }
    if (!d->settings.prepare || d->shared)
        return run_query(d, &q, out, e);
    if (prepare(d, s, e) != 0)
        return -1;
    if (libpq.PQsendQueryPrepared(d->link.conn, name, q.count, values, lengths, formats,
                                  1) == 0)
        return link_broken(&d->link, name, e);
    if (s == STATEMENT_STORE)
        CRASH_POINT("store-sent");
    return link_collect(&d->link, name, statement_deadline(d), out, e);
}

static void
hand_over(PGresult *r, PGresult **out)
{
    if (out != NULL)
        *out = r;
    else
        libpq.PQclear(r);
}

/* Notifies the followers of events (admin/tail.h).  While there are none, this costs
 * one query every DB_TELL_MS, on data that PostgreSQL has in memory.  A failure here
 * is ignored. */
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

        if (d->link.conn == NULL)
            return link_unavailable(e, "listen", "the connection was lost");
        if (libpq.PQconsumeInput(d->link.conn) == 0)
            return link_broken(&d->link, "listen", e);
        for (; (n = libpq.PQnotifies(d->link.conn)) != NULL; notices++)
            libpq.PQfreemem(n);
        left = until_ms - clock_now_ms();
        if (notices > 0 || left <= 0)
            return notices > 0;
        if (io_wait(libpq.PQsocket(d->link.conn), POLLIN, left) < 0)
            return link_lost(&d->link, "listen", strerror(errno), e);
    }
}

int
db_run(struct db *d, enum statement s, const struct db_param *params, size_t count,
       PGresult **out, struct error *e)
{
    bool was_connected = d->link.conn != NULL, names_lost = d->link.names_lost;
    PGresult *r = NULL;
    int rc;

    if (db_connect(d, e) != 0)
        return -1;
    rc = run_once(d, s, params, count, &r, e);
    /* An idle connection may have died long ago, and a prepared statement is nothing to
     * rely on in a session that others use; only the result over a new connection is
     * conclusive. */
    if (rc != 0 && db_error_is_lost(e) &&
        (was_connected || d->link.names_lost != names_lost)) {
        log_error(LOG_LEVEL_WARNING, LOG_DATABASE_LOST, e, NULL, 0);
        if (db_connect(d, e) != 0)
            return -1;
        e->kind = ERROR_NONE; /* a batch checks afterwards whether anything failed */
        rc = run_once(d, s, params, count, &r, e);
    }
    if (rc == 0 && s == STATEMENT_STORE)
        tell_listeners(d);
    if (rc == 0)
        hand_over(r, out);
    return rc;
}

/* Sends a text, in an unknown session after the settings of its transaction. */
static int
send_text(struct db *d, const char *sql, struct error *e)
{
    struct buf text = buf_init(TEXT_MAX_BYTES);
    int sent = 0;

    if (begins_unknown(d)) {
        session_begin_text(&d->session, &text);
        buf_add_text(&text, sql);
        buf_add_char(&text, '\0');
        sql = text.failed ? NULL : text.data;
    }
    if (sql != NULL)
        sent = libpq.PQsendQuery(d->link.conn, sql);
    buf_release(&text);
    if (sql == NULL)
        return error_no_memory(e);
    return sent != 0 ? 0 : link_broken(&d->link, "command", e);
}

int
db_run_text(struct db *d, const char *sql, PGresult **out, struct error *e)
{
    PGresult *r = NULL;

    if (db_connect(d, e) != 0 || send_text(d, sql, e) != 0 ||
        link_collect(&d->link, "command", statement_deadline(d), &r, e) != 0)
        return -1;
    hand_over(r, out);
    return 0;
}

int
db_run_params(struct db *d, const char *sql, const char *const *params, size_t count,
              PGresult **out, struct error *e)
{
    const struct link_query q = {
        .what = "query", .sql = sql, .count = (int)count, .values = params};
    PGresult *r = NULL;

    CHECK(count <= DB_PARAMS);
    if (db_connect(d, e) != 0 || run_query(d, &q, &r, e) != 0)
        return -1;
    hand_over(r, out);
    return 0;
}

static const char *
fixed_value(const PGresult *r, int row, int column, int size)
{
    CHECK(libpq.PQgetlength(r, row, column) == size);
    return libpq.PQgetvalue(r, row, column);
}

int64_t
db_get_int8(const PGresult *r, int row, int column)
{
    return (int64_t)num_be64(fixed_value(r, row, column, 8));
}

int32_t
db_get_int4(const PGresult *r, int row, int column)
{
    return (int32_t)num_be32(fixed_value(r, row, column, 4));
}

bool
db_get_bool(const PGresult *r, int row, int column)
{
    return *fixed_value(r, row, column, 1) != 0;
}

struct str
db_get_str(const PGresult *r, int row, int column)
{
    if (libpq.PQgetisnull(r, row, column))
        return STR_NONE;
    return (struct str){libpq.PQgetvalue(r, row, column),
                        (size_t)libpq.PQgetlength(r, row, column)};
}
