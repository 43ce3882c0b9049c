#include "admin/evaluate.h"

#include <string.h>

#include "admin/sql.h"
#include "admin/transaction.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "monitor/watch.h"
#include "monitor/zone.h"

#define MINUTE_S 60
#define DEFAULT_RUNTIME_S (30 * MINUTE_S)
#define SECOND_US 1000000

/* One monitor in one environment, while its row is locked. */
struct work {
    struct db *d;
    int64_t now_s;
    const char *now;    /* the same as text */
    const char *key[3]; /* project, slug, environment */
    bool found;
    struct watch watch;
    struct watch_settings settings;
    int64_t runtime_s;
    int64_t started_s; /* of the last check-in that was sent; 0: none */
    int64_t timeout_s; /* when the first one in progress takes too long; 0: none is */
    const char *state; /* NULL: as before */
    const char *problem;
};

/* Returns a number of a result; fallback when it is NULL. */
static int64_t
number_of(PGresult *r, int row, int column, int64_t fallback)
{
    int64_t n = fallback;
    struct str text = db_get_str(r, row, column);

    if (text.p != NULL && num_parse(text, INT64_MIN, INT64_MAX, &n) != 0)
        n = fallback;
    return n;
}

/* Reads the configuration.  What is wrong with it was refused when it arrived, except for
 * a zone that only this host does not know. */
static void
read_settings(struct work *w, PGresult *r)
{
    const char *zone = libpq.PQgetvalue(r, 0, 10);
    struct error ignored;

    w->settings.has_schedule =
        db_get_str(r, 0, 7).p != NULL &&
        schedule_parse(db_get_str(r, 0, 7), db_get_str(r, 0, 8), db_get_str(r, 0, 9),
                       &w->settings.schedule, &ignored) == 0;
    if (zone_use(zone) != 0)
        w->problem = "the time zone is not known on this host: UTC is used";
    w->settings.margin_s = number_of(r, 0, 11, 1) * MINUTE_S;
    w->runtime_s = number_of(r, 0, 12, DEFAULT_RUNTIME_S / MINUTE_S) * MINUTE_S;
    w->settings.failure_threshold = number_of(r, 0, 13, 1);
    w->settings.recovery_threshold = number_of(r, 0, 14, 1);
}

static int
read_monitor(struct work *w, struct error *e)
{
    PGresult *r;

    if (db_run_params(w->d, admin_sql_monitor_read, w->key, COUNT_OF(w->key), &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0) {
        read_settings(w, r);
        w->watch = (struct watch){.failing = libpq.PQgetvalue(r, 0, 0)[0] == 't',
                                  .failures = number_of(r, 0, 1, 0),
                                  .successes = number_of(r, 0, 2, 0),
                                  .expected_s = number_of(r, 0, 3, 0),
                                  .from_s = number_of(r, 0, 4, 0)};
        if (libpq.PQgetvalue(r, 0, 6)[0] == 't')
            watch_changed(&w->watch, number_of(r, 0, 5, 0));
    }
    libpq.PQclear(r);
    return 0;
}

/* Counts a check-in with its final status; the event is due now. */
static int
judge(struct work *w, const char *id, const char *status, bool report, struct error *e)
{
    const char *const params[] = {w->key[0], w->key[1], w->key[2],
                                  id,        status,    report ? w->now : NULL};

    return transaction_do(w->d, admin_sql_monitor_judge, params, COUNT_OF(params), NULL,
                          e);
}

/* Takes note of one check-in; at_s: its last report. */
static int
take_checkin(struct work *w, const char *id, const char *status, bool counted,
             int64_t at_s, struct error *e)
{
    if (strcmp(status, "in_progress") == 0) {
        if (at_s + w->runtime_s <= w->now_s) {
            w->state = "timeout";
            return judge(w, id, w->state, watch_failed(&w->watch, &w->settings), e);
        }
        if (w->timeout_s == 0 || at_s + w->runtime_s < w->timeout_s)
            w->timeout_s = at_s + w->runtime_s;
        return 0;
    }
    if (counted)
        return 0;
    if (strcmp(status, "ok") == 0) {
        w->state = "ok";
        watch_succeeded(&w->watch, &w->settings);
        return judge(w, id, status, false, e);
    }
    w->state = "failed";
    return judge(w, id, status, watch_failed(&w->watch, &w->settings), e);
}

static int
take_checkins(struct work *w, struct error *e)
{
    PGresult *r;
    int rc = 0;

    if (db_run_params(w->d, admin_sql_monitor_reports, w->key, COUNT_OF(w->key), &r, e) !=
        0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0; i++) {
        const char *status = libpq.PQgetvalue(r, i, 1);
        int64_t started_s = number_of(r, i, 3, 0);

        if (started_s > w->started_s)
            w->started_s = started_s;
        rc = take_checkin(w, libpq.PQgetvalue(r, i, 0), status,
                          strcmp(status, libpq.PQgetvalue(r, i, 2)) == 0,
                          number_of(r, i, 4, 0), e);
    }
    libpq.PQclear(r);
    return rc;
}

static int
take_missed(struct work *w, struct error *e)
{
    char at[24], kept[24];
    int64_t missed_s;

    /* A clock that was ahead must not postpone what is expected. */
    if (w->started_s != 0)
        watch_started(&w->watch, &w->settings,
                      w->started_s < w->now_s ? w->started_s : w->now_s);
    if (!watch_missed(&w->watch, &w->settings, w->now_s, &missed_s))
        return 0;
    w->state = "missed";
    num_format(missed_s, at);
    num_format(LIMIT_CHECK_INS_KEPT, kept);
    {
        const char *const params[] = {
            w->key[0], w->key[1], w->key[2],
            at,        w->now,    watch_failed(&w->watch, &w->settings) ? w->now : NULL,
            kept};

        return transaction_do(w->d, admin_sql_monitor_miss, params, COUNT_OF(params),
                              NULL, e);
    }
}

/* Returns when the monitor must be looked at again; 0: not before its next check-in. */
static int64_t
next_evaluation(const struct work *w)
{
    int64_t at_s = w->watch.expected_s;

    if (at_s != 0)
        at_s += w->settings.margin_s;
    if (w->timeout_s != 0 && (at_s == 0 || w->timeout_s < at_s))
        at_s = w->timeout_s;
    return at_s;
}

static int
write_monitor(struct work *w, struct error *e)
{
    char numbers[5][24];
    const char *const params[] = {
        w->key[0],  w->key[1],  w->key[2],  w->state,   w->watch.failing ? "t" : "f",
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
        w->problem};

    num_format(w->watch.failures, numbers[0]);
    num_format(w->watch.successes, numbers[1]);
    num_format(w->watch.expected_s, numbers[2]);
    num_format(w->watch.from_s, numbers[3]);
    num_format(next_evaluation(w), numbers[4]);
    return transaction_do(w->d, admin_sql_monitor_write, params, COUNT_OF(params), NULL,
                          e);
}

/* The work of one transaction. */
static int
evaluate_one(struct db *d, void *context, struct error *e)
{
    struct work *outer = context,
                one = {.d = d, .now_s = outer->now_s, .now = outer->now};
    const char *const now[] = {outer->now};
    PGresult *locked;
    int rc;

    if (db_run_params(d, admin_sql_monitor_lock, now, COUNT_OF(now), &locked, e) != 0)
        return -1;
    outer->found = libpq.PQntuples(locked) > 0;
    if (!outer->found) {
        libpq.PQclear(locked);
        return 0;
    }
    for (int i = 0; i < 3; i++)
        one.key[i] = libpq.PQgetvalue(locked, 0, i);
    rc = read_monitor(&one, e);
    if (rc == 0)
        rc = take_checkins(&one, e);
    if (rc == 0)
        rc = take_missed(&one, e);
    if (rc == 0)
        rc = write_monitor(&one, e);
    libpq.PQclear(locked);
    return rc;
}

int
evaluate_due(struct db *d, int64_t most, int64_t *n, struct error *e)
{
    char now[CLOCK_TEXT_BYTES];
    struct work w = {.now = now, .found = true};

    *n = 0;
    if (db_read_clock(d, e) != 0)
        return -1;
    w.now_s = db_wall_us(d) / SECOND_US;
    clock_format(db_wall_us(d), now);
    while (w.found && *n < most) {
        if (transaction_run(d, evaluate_one, &w, e) != 0)
            return -1;
        *n += w.found;
    }
    return 0;
}

static const struct table_column event_columns[] = {
    {"project", TABLE_NUMBER},   {"monitor", TABLE_TEXT}, {"environment", TABLE_TEXT},
    {"id", TABLE_TEXT},          {"status", TABLE_TEXT},  {"started_at", TABLE_TEXT},
    {"expected_at", TABLE_TEXT}, {"event", TABLE_TEXT},   {"stored", TABLE_TEXT},
    {"config", TABLE_JSON}};

int
evaluate_events(struct db *d, int64_t most, struct table *out, struct error *e)
{
    char now[CLOCK_TEXT_BYTES], limit[24];
    const char *const params[] = {now, limit};

    *out = (struct table){.columns = event_columns};
    clock_format(db_wall_us(d), now);
    num_format(most, limit);
    return table_run(d, admin_sql_monitor_events, params, COUNT_OF(params), out, e);
}

struct evaluate_event
evaluate_event_of(const struct table *t, size_t row)
{
    return (struct evaluate_event){.project = table_value(t, row, 0),
                                   .slug = table_value(t, row, 1),
                                   .environment = table_value(t, row, 2),
                                   .checkin = table_value(t, row, 3),
                                   .status = table_value(t, row, 4),
                                   .started_at = table_value(t, row, 5),
                                   .expected_at = table_value(t, row, 6),
                                   .id = table_value(t, row, 7),
                                   .stored = str_eq(table_value(t, row, 8), STR("t")),
                                   .config = table_value(t, row, 9)};
}

int
evaluate_told(struct db *d, const struct evaluate_event *event, struct error *e)
{
    /* Values of a result end in a NUL. */
    const char *const params[] = {event->project.p, event->slug.p, event->environment.p,
                                  event->checkin.p};

    return transaction_do(d, admin_sql_monitor_told, params, COUNT_OF(params), NULL, e);
}
