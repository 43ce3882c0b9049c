#include "store/retention.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "store/partitions.h"
#include "store/sql.h"
#include "store/sqltext.h"

#define DAY_US 86400000000LL
#define HOURS_DAYS 30
#define MINUTES_DAYS 2

/* Another session holds the lock: not an error. */
#define LOCK_NOT_AVAILABLE "55P03"
#define QUERY_CANCELED "57014"

/* The tables other than events whose rows are kept for a project's days, and the
 * column of their time. */
static const struct {
    const char *table, *time;
} kept[] = {{"attachments", "received_at"},
            {"user_reports", "received_at"},
            {"sessions", "hour"},
            {"item_counts", "hour"},
            {"monitor_checkins", "started_at"},
            {"outcomes", "minute"}};

/* What is deleted of a project, in this order.  Events go by the day, the oldest first,
 * so that only one partition is read.  Issues are deleted if their last event is gone and
 * nobody changed them, with all counters; an event that arrives meanwhile creates its
 * issue again.  One that people changed keeps its number, but keeps its text only where
 * secrets were removed before it was created. */
static const struct {
    const char *sql;
    bool of_issues; /* it goes by the days for which issues are kept */
    int64_t enough; /* rows of a run after which there may be more */
} steps[] = {{store_sql_retention_events, false, 1},
             {store_sql_retention_facets, false, RETENTION_BATCH},
             {store_sql_retention_issues, true, RETENTION_BATCH},
             {store_sql_retention_titles, true, RETENTION_BATCH},
             {store_sql_retention_releases, true, RETENTION_BATCH},
             {store_sql_retention_monitors, false, RETENTION_BATCH},
             {store_sql_retention_old_issues, true, RETENTION_BATCH}};

struct work {
    struct db *d;
    int64_t until_ms; /* clock_now_ms(): work not started by then is left */
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

static int
delete_rows(const struct work *w, const char *table, const char *time,
            const char *project, const char *before, struct error *e)
{
    const char *const params[] = {project, before};
    const struct sqltext values[] = {{"table", table}, {"time", time}};
    struct buf sql;
    int rc;

    sqltext_fill(store_sql_retention_rows, values, COUNT_OF(values), &sql);
    rc = sql.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                    : repeat(w, sql.data, params, COUNT_OF(params), RETENTION_BATCH, e);
    buf_release(&sql);
    return rc;
}

static int
delete_of_project(const struct work *w, const char *project, const char *before,
                  const char *issues_before, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const char *const params[] = {project,
                                      steps[i].of_issues ? issues_before : before};

        if (repeat(w, steps[i].sql, params, COUNT_OF(params), steps[i].enough, e) != 0)
            return -1;
    }
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

    if (db_run_params(w->d, store_sql_retention_projects, params, COUNT_OF(params), &r,
                      e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0 && has_time(w); i++)
        rc = delete_of_project(w, libpq.PQgetvalue(r, i, 0), libpq.PQgetvalue(r, i, 1),
                               libpq.PQgetvalue(r, i, 2), e);
    libpq.PQclear(r);
    return rc;
}

/* Deletes counts of new issues and releases of past hours; only the present hour
 * counts. */
static int
delete_counts(const struct work *w, const char *now, struct error *e)
{
    const char *const params[] = {now};

    return repeat(w, store_sql_retention_new_counts, params, COUNT_OF(params), INT64_MAX,
                  e);
}

static int
delete_hours(const struct work *w, const char *before, struct error *e)
{
    const char *const params[] = {before};

    return repeat(w, store_sql_retention_hours, params, COUNT_OF(params), RETENTION_BATCH,
                  e);
}

/* Sums minutes up to hours, which are part 16; so no row is deleted and written by the
 * same statement. */
static int
add_up_outcomes(const struct work *w, const char *before, struct error *e)
{
    const char *const params[] = {before};

    return repeat(w, store_sql_retention_outcomes, params, COUNT_OF(params),
                  RETENTION_BATCH, e);
}

/* Returns -1 with e, or 1 when the partition stays in use for longer than we wait. */
static int
in_use(const struct error *e)
{
    return strcmp(e->sqlstate, LOCK_NOT_AVAILABLE) == 0 ||
                   strcmp(e->sqlstate, QUERY_CANCELED) == 0
               ? 1
               : -1;
}

/* Drops every partition that is older than all projects' limits, the oldest first. */
static int
drop_partitions(const struct work *w, const char *now, struct error *e)
{
    const char *const params[] = {now};
    PGresult *r;
    int rc = 0;

    if (db_run_params(w->d, store_sql_retention_partitions, params, COUNT_OF(params), &r,
                      e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0 && has_time(w); i++)
        rc = partitions_drop(w->d, libpq.PQgetvalue(r, i, 0), e) == 0 ? 0 : in_use(e);
    libpq.PQclear(r);
    return rc < 0 ? -1 : 0;
}

int
retention_run(struct db *d, int64_t until_ms, struct error *e)
{
    const struct work work = {d, until_ms}, *w = &work;
    char now[CLOCK_TEXT_BYTES], hours[CLOCK_TEXT_BYTES], minutes[CLOCK_TEXT_BYTES];
    int64_t now_us;

    if (db_read_clock(d, e) != 0)
        return -1;
    now_us = db_wall_us(d);
    clock_format(now_us, now);
    clock_format(now_us - HOURS_DAYS * DAY_US, hours);
    clock_format(now_us - MINUTES_DAYS * DAY_US, minutes);
    if (drop_partitions(w, now, e) != 0 || delete_of_projects(w, now, e) != 0 ||
        delete_hours(w, hours, e) != 0 || delete_counts(w, now, e) != 0)
        return -1;
    return add_up_outcomes(w, minutes, e);
}
