/* mesherctl maintenance: periodic work; --loop: the ticker. */
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "cmd/ctl.h"
#include "cmd/monitor_ticker.h"
#include "setup/start.h"
#include "store/migrate.h"
#include "store/retention.h"
#include "store/upkeep.h"
#include "submit/idle_maintenance.h"

/* After a failure: the database is away, and will come back. */
#define RETRY_MS 10000

/* Sets the number of events replayed from the spool. */
static int
one_round(struct ctl *c, int64_t *replayed, struct error *e)
{
    int64_t left;
    bool more = true;

    *replayed = 0;
    while (more)
        if (upkeep_step(c->db, c->conf->partitions_ahead, &more, e) != 0)
            return -1;
    if (retention_run(c->db, INT64_MAX, e) != 0)
        return -1;
    if (c->conf->spool_dir[0] == '\0')
        return 0;
    ctl_renew_keys(c);
    return ctl_drain(c, replayed, &left, e) != 0
               ? -1
               : idle_maintenance_done(c->conf->spool_dir, e);
}

/* Looks at monitors until the next round, in wait_ms. */
static int
watch_monitors(struct ctl *c, struct monitor_ticker *t, int64_t wait_ms, struct error *e)
{
    int64_t until_ms = clock_now_ms() + wait_ms, left_ms = wait_ms;

    while (left_ms > 0) {
        if (io_wait(-1, 0, left_ms < MONITOR_TICKER_MS ? left_ms : MONITOR_TICKER_MS) < 0)
            return error_errno(e, "poll");
        left_ms = until_ms - clock_now_ms();
        if (left_ms > 0 && monitor_ticker_run(t, c->db, e) != 0)
            log_error(LOG_LEVEL_ERROR, LOG_DATABASE_LOST, e, NULL, 0);
    }
    return 0;
}

static int
open_log(const struct conf *conf, struct error *e)
{
    enum log_level level = LOG_LEVEL_INFO;

    CHECK(log_level_parse(str_of(conf->log_level), &level) == 0);
    return log_open(conf->log_target, level, "mesherctl", e);
}

/* Signals are not handled: each statement leaves the database consistent, so this may end
 * at any point. */
static int
loop(struct ctl *c, struct error *e)
{
    struct monitor_ticker *monitors = monitor_ticker_new(c->conf);

    if (monitors == NULL)
        return error_no_memory(e);
    start_bound_heap();
    if (open_log(c->conf, e) != 0)
        return -1;
    for (;;) {
        int64_t replayed, wait_ms = c->conf->maintenance_interval * 1000;

        if (migrate_check(c->db, c->conf->sql_dir, e) != 0 ||
            one_round(c, &replayed, e) != 0 ||
            monitor_ticker_run(monitors, c->db, e) != 0) {
            log_error(LOG_LEVEL_ERROR,
                      e->kind == ERROR_CONFIG ? LOG_SCHEMA_MISMATCH : LOG_DATABASE_LOST,
                      e, NULL, 0);
            wait_ms = wait_ms < RETRY_MS ? wait_ms : RETRY_MS;
        }
        if (watch_monitors(c, monitors, wait_ms, e) != 0)
            return -1;
    }
}

int
ctl_maintenance(struct ctl *c, struct error *e)
{
    struct monitor_ticker *monitors;
    int64_t replayed;
    int rc;

    if (c->option.loop)
        return loop(c, e);
    if (one_round(c, &replayed, e) != 0)
        return -1;
    monitors = monitor_ticker_new(c->conf);
    rc = monitors != NULL ? monitor_ticker_run(monitors, c->db, e) : error_no_memory(e);
    monitor_ticker_free(monitors);
    if (rc != 0)
        return -1;
    if (c->json)
        buf_add_f(&c->out, "{\"replayed\":%lld}\n", (long long)replayed);
    return 0;
}
