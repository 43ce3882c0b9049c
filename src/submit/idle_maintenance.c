#include "submit/idle_maintenance.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "outage/restore.h"
#include "spool/replay.h"
#include "store/partitions.h"
#include "store/retention.h"
#include "store/upkeep.h"

#define DAY_US ((int64_t)86400 * 1000000)

struct round {
    const struct idle_maintenance_settings *c;
    struct fallback *f;
    struct batch *b;
    struct db *d;
    int64_t until_ms;
};

static bool
stamp_path(const char *spool_dir, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/maintained", spool_dir);

    return n > 0 && n < PATH_MAX;
}

static int
open_stamp(const char *spool_dir)
{
    char path[PATH_MAX];

    return stamp_path(spool_dir, path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
                                       : -1;
}

/* A file created just now counts as infinitely old. */
static int64_t
age_ms(const char *spool_dir)
{
    char path[PATH_MAX];

    return stamp_path(spool_dir, path) ? io_file_age_ms(path) : INT64_MAX;
}

bool
idle_maintenance_is_due(const struct idle_maintenance_settings *c, struct fallback *f)
{
    int64_t age;

    if (c->interval_ms == 0 || c->spool_dir[0] == '\0')
        return false;
    age = age_ms(c->spool_dir);
    return age >= c->interval_ms + IDLE_MAINTENANCE_LATE_MS ||
           (age >= IDLE_MAINTENANCE_SPOOL_MS && fallback_shared(f) == NULL &&
            fallback_is_waiting(f));
}

static bool
has_time(const struct round *r)
{
    return clock_now_ms() < r->until_ms;
}

static int
replay(struct round *r, struct error *e)
{
    struct replay *replay = restore_new(fallback_spool(r->f), r->b);
    enum replay_result result = REPLAY_STORED;
    size_t events;

    if (replay == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    if (replay_lock(replay, r->c->spool_dir))
        while (result == REPLAY_STORED && has_time(r))
            result = replay_step(replay, clock_wall_us(), &events, e);
    replay_free(replay);
    return result == REPLAY_FAILED ? -1 : 0;
}

/* The next days first, since they are needed soonest. */
static int
upkeep(struct round *r, struct error *e)
{
    int64_t now_us;
    bool more = false;

    if (db_read_clock(r->d, e) != 0)
        return -1;
    now_us = db_wall_us(r->d);
    for (int64_t day = 0; day <= r->c->partitions_ahead && has_time(r); day++)
        if (partitions_make(r->d, now_us + day * DAY_US, 0, e) != 0)
            return -1;
    if (has_time(r) && upkeep_step(r->d, 0, &more, e) != 0)
        return -1;
    fallback_renew_keys(r->f, r->d);
    return 0;
}

static int
forget(struct round *r, struct error *e)
{
    return retention_run(r->d, r->until_ms, e);
}

static void
run_steps(struct round *r)
{
    static int (*const steps[])(struct round *, struct error *) = {replay, upkeep,
                                                                   forget};
    size_t first = (size_t)(clock_wall_us() / 1000000) % COUNT_OF(steps);
    struct error e = {.kind = ERROR_NONE};
    int rc = 0;

    if (fallback_is_waiting(r->f))
        first = 0;
    for (size_t i = 0; i < COUNT_OF(steps) && rc == 0 && has_time(r); i++)
        rc = steps[(first + i) % COUNT_OF(steps)](r, &e);
    if (rc != 0)
        log_error(LOG_LEVEL_WARNING, LOG_DATABASE_LOST, &e, NULL, 0);
}

void
idle_maintenance_run(const struct idle_maintenance_settings *c, struct fallback *f,
                     struct batch *b, struct db *d)
{
    struct round r = {c, f, b, d, clock_now_ms() + IDLE_MAINTENANCE_MS};
    struct error e;
    int fd;

    if (spool_prepare(fallback_spool(f), &e) != 0)
        return; /* the next event will report it */
    fd = open_stamp(c->spool_dir);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        /* First: even if this run fails, other processes do not try at the same
         * moment. */
        (void)!futimens(fd, NULL);
        run_steps(&r);
    }
    if (fd >= 0)
        (void)close(fd);
}

int
idle_maintenance_done(const char *spool_dir, struct error *e)
{
    int fd = open_stamp(spool_dir);
    int rc = fd < 0 ? -1 : futimens(fd, NULL);

    if (rc != 0)
        (void)error_errno(e, spool_dir);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}
