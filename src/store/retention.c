#include "store/retention.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "store/partitions.h"

/* Any number that nobody else uses as an advisory lock in this database. */
#define LOCK_KEY "7239421803"

#define DAY_US 86400000000LL
#define SQL_MAX 4096U
#define HOURS_DAYS 30
#define MINUTES_DAYS 2

/* Of what belongs to no project. */
#define NOBODY "SELECT 0, 90"

/* Somebody else's lock: not an error of ours. */
#define LOCK_NOT_AVAILABLE "55P03"
#define QUERY_CANCELED "57014"

/* Beside events: what goes with a project's days, by which time. */
static const struct {
    const char *table, *time;
} kept[] = {{"attachments", "received_at"},
            {"user_reports", "received_at"},
            {"sessions", "hour"},
            {"item_counts", "hour"},
            {"outcomes", "minute"}};

struct work {
    struct db *d;
    int64_t until_ms; /* clock_now_ms(): what is not begun until then is left */
};

static bool
has_time(const struct work *w)
{
    return clock_now_ms() < w->until_ms;
}

/* Runs a delete until it removes fewer rows than `enough`. */
static int
repeat(const struct work *w, const char *sql, const char *const params[], size_t count,
       int64_t enough, struct error *e)
{
    int64_t n = enough;

    while (n >= enough && has_time(w)) {
        PGresult *r;

        if (db_run_params(w->d, sql, params, count, &r, e) != 0)
            return -1;
        CHECK(num_parse(db_get_str(r, 0, 0), 0, INT64_MAX, &n) == 0);
        libpq.PQclear(r);
    }
    return 0;
}

/* Rows of one day at a time: so that one partition is looked at, the oldest. */
static int
delete_events(const struct work *w, const char *project, const char *before,
              struct error *e)
{
    const char *const params[] = {project, before};

    return repeat(
        w,
        "WITH span AS MATERIALIZED (SELECT at, least($2::timestamptz,"
        "   date_bin('1 day', at, '2000-01-01 00:00:00+00') + interval '24 hours') AS til"
        "  FROM (SELECT min(received_at) AS at FROM events"
        "   WHERE project_id = $1::bigint AND received_at < $2::timestamptz) f),"
        " gone AS (DELETE FROM events WHERE project_id = $1::bigint"
        "  AND received_at >= (SELECT at FROM span)"
        "  AND received_at < (SELECT til FROM span)"
        "  AND ctid = ANY (ARRAY(SELECT ctid FROM events WHERE project_id = $1::bigint"
        "   AND received_at >= (SELECT at FROM span)"
        "   AND received_at < (SELECT til FROM span) LIMIT 1000)) RETURNING 1)"
        " SELECT count(*) FROM gone",
        params, COUNT_OF(params), 1, e);
}

static int
delete_rows(const struct work *w, const char *table, const char *time,
            const char *project, const char *before, struct error *e)
{
    const char *const params[] = {project, before};
    struct buf sql = buf_init(SQL_MAX);
    int rc;

    buf_add_f(&sql,
              "WITH gone AS (DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %s"
              " WHERE project_id = $1::bigint AND %s < $2::timestamptz LIMIT 1000))"
              " RETURNING 1) SELECT count(*) FROM gone",
              table, table, time);
    buf_add_char(&sql, '\0');
    rc = repeat(w, sql.data, params, COUNT_OF(params), RETENTION_BATCH, e);
    buf_release(&sql);
    return rc;
}

static int
delete_of_project(const struct work *w, const char *project, const char *before,
                  struct error *e)
{
    if (delete_events(w, project, before, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (delete_rows(w, kept[i].table, kept[i].time, project, before, e) != 0)
            return -1;
    return 0;
}

static int
delete_of_projects(const struct work *w, const char *now, struct error *e)
{
    const char *const params[] = {now};
    PGresult *r;
    int rc = 0;

    if (db_run_params(w->d,
                      "SELECT id, $1::timestamptz - days * interval '24 hours'"
                      " FROM (SELECT id, retention_days AS days FROM projects"
                      "  UNION ALL " NOBODY ") p ORDER BY 1",
                      params, COUNT_OF(params), &r, e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0 && has_time(w); i++)
        rc =
            delete_of_project(w, libpq.PQgetvalue(r, i, 0), libpq.PQgetvalue(r, i, 1), e);
    libpq.PQclear(r);
    return rc;
}

static int
delete_hours(const struct work *w, const char *before, struct error *e)
{
    const char *const params[] = {before};

    return repeat(w,
                  "WITH gone AS (DELETE FROM issue_hours WHERE ctid = ANY (ARRAY("
                  "  SELECT ctid FROM issue_hours WHERE hour < $1::timestamptz"
                  "  LIMIT 1000)) RETURNING 1) SELECT count(*) FROM gone",
                  params, COUNT_OF(params), RETENTION_BATCH, e);
}

/* Minutes become hours, which are part 16: so no row is removed and written at once. */
static int
add_up_outcomes(const struct work *w, const char *before, struct error *e)
{
    const char *const params[] = {before};

    return repeat(
        w,
        "WITH gone AS (DELETE FROM outcomes WHERE ctid = ANY (ARRAY(SELECT ctid"
        "   FROM outcomes WHERE minute < $1::timestamptz AND part < 16 LIMIT 1000))"
        "  RETURNING *), hours AS (INSERT INTO outcomes AS o"
        "  (project_id, minute, outcome, part, quantity, bytes)"
        "  SELECT project_id, date_bin('1 hour', minute, '2000-01-01 00:00:00+00'),"
        "   outcome, 16, sum(quantity)::bigint, sum(bytes)::bigint FROM gone"
        "  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        "  ON CONFLICT (project_id, minute, outcome, part) DO UPDATE SET"
        "   quantity = o.quantity + excluded.quantity, bytes = o.bytes + excluded.bytes)"
        " SELECT count(*) FROM gone",
        params, COUNT_OF(params), RETENTION_BATCH, e);
}

/* -1 with e, or 1: it is in use for longer than we wait. */
static int
in_use(const struct error *e)
{
    return strcmp(e->sqlstate, LOCK_NOT_AVAILABLE) == 0 ||
                   strcmp(e->sqlstate, QUERY_CANCELED) == 0
               ? 1
               : -1;
}

/* Every partition that all projects are past, the oldest first. */
static int
drop_partitions(const struct work *w, const char *now, struct error *e)
{
    const char *const params[] = {now};
    PGresult *r;
    int rc = 0;

    /* A table that was detached and is still there is one that nobody dropped. */
    if (db_run_params(w->d,
                      "SELECT c.relname, CASE WHEN i.inhrelid IS NULL THEN 'd'"
                      "  WHEN i.inhdetachpending THEN 'p' ELSE 'a' END"
                      " FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
                      " WHERE c.relname ~ '^events_[0-9]{8}$' AND c.relkind = 'r'"
                      "  AND c.relnamespace = (SELECT relnamespace FROM pg_class"
                      "   WHERE oid = 'events'::regclass)"
                      "  AND (substr(c.relname, 8)::timestamp AT TIME ZONE 'UTC')"
                      "   + interval '24 hours' <= $1::timestamptz - interval '24 hours'"
                      "   * (SELECT max(retention_days) FROM projects)"
                      " ORDER BY 1",
                      params, COUNT_OF(params), &r, e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0 && has_time(w); i++) {
        const char *state = libpq.PQgetvalue(r, i, 1);

        rc = partitions_drop(w->d, libpq.PQgetvalue(r, i, 0),
                             *state == 'd'   ? PARTITION_DETACHED
                             : *state == 'p' ? PARTITION_PENDING
                                             : PARTITION_ATTACHED,
                             e) == 0
                 ? 0
                 : in_use(e);
    }
    libpq.PQclear(r);
    return rc < 0 ? -1 : 0;
}

/* One process at a time: the lock is of the session. */
static int
drop_partitions_alone(const struct work *w, const char *now, struct error *e)
{
    struct error ignored;
    PGresult *r;
    bool mine;
    int rc;

    if (db_run_text(w->d, "SELECT pg_try_advisory_lock(" LOCK_KEY ")", &r, e) != 0)
        return -1;
    mine = str_eq(db_get_str(r, 0, 0), STR("t"));
    libpq.PQclear(r);
    if (!mine)
        return 0;
    rc = drop_partitions(w, now, e);
    (void)!db_run_text(w->d, "SELECT pg_advisory_unlock(" LOCK_KEY ")", NULL, &ignored);
    return rc;
}

int
retention_run(struct db *d, int64_t now_us, int64_t until_ms, struct error *e)
{
    const struct work work = {d, until_ms}, *w = &work;
    char now[CLOCK_TEXT_BYTES], hours[CLOCK_TEXT_BYTES], minutes[CLOCK_TEXT_BYTES];

    clock_format(now_us, now);
    clock_format(now_us - HOURS_DAYS * DAY_US, hours);
    clock_format(now_us - MINUTES_DAYS * DAY_US, minutes);
    if (drop_partitions_alone(w, now, e) != 0 || delete_of_projects(w, now, e) != 0 ||
        delete_hours(w, hours, e) != 0)
        return -1;
    return add_up_outcomes(w, minutes, e);
}
