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
#include "spool/replay.h"
#include "store/partitions.h"
#include "store/retention.h"
#include "store/upkeep.h"

#define DAY_US ((int64_t)86400 * 1000000)

struct round {
    const struct chores_settings *c;
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

/* A file that was just made is as old as can be. */
static int64_t
age_ms(const char *spool_dir)
{
    char path[PATH_MAX];

    return stamp_path(spool_dir, path) ? io_file_age_ms(path) : INT64_MAX;
}

bool
chores_are_due(const struct chores_settings *c, struct fallback *f)
{
    int64_t age;

    if (c->interval_ms == 0 || c->spool_dir[0] == '\0')
        return false;
    age = age_ms(c->spool_dir);
    return age >= c->interval_ms + CHORES_LATE_MS ||
           (age >= CHORES_SPOOL_MS && fallback_shared(f) == NULL &&
            fallback_is_waiting(f));
}

static bool
has_time(const struct round *r)
{
    return clock_now_ms() < r->until_ms;
}

static int
drain(struct round *r, struct error *e)
{
    struct replay *replay = replay_new(fallback_spool(r->f), r->b);
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

/* The next days first, since it is they that will be needed. */
static int
upkeep(struct round *r, struct error *e)
{
    int64_t now_us = clock_wall_us();
    bool more = false;

    for (int64_t day = 0; day <= r->c->partitions_ahead && has_time(r); day++)
        if (partitions_make(r->d, now_us + day * DAY_US, 0, e) != 0)
            return -1;
    if (has_time(r) && upkeep_step(r->d, now_us, 0, &more, e) != 0)
        return -1;
    fallback_renew_keys(r->f, r->d);
    return 0;
}

static int
forget(struct round *r, struct error *e)
{
    return retention_run(r->d, clock_wall_us(), r->until_ms, e);
}

static void
run_steps(struct round *r)
{
    static int (*const steps[])(struct round *, struct error *) = {drain, upkeep, forget};
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
chores_run(const struct chores_settings *c, struct fallback *f, struct batch *b,
           struct db *d)
{
    struct round r = {c, f, b, d, clock_now_ms() + CHORES_MS};
    struct error e;
    int fd;

    if (spool_prepare(fallback_spool(f), &e) != 0)
        return; /* the next event will say so */
    fd = open_stamp(c->spool_dir);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        /* First: whatever comes of it, others do not try at the same moment. */
        (void)!futimens(fd, NULL);
        run_steps(&r);
    }
    if (fd >= 0)
        (void)close(fd);
}

int
chores_done(const char *spool_dir, struct error *e)
{
    int fd = open_stamp(spool_dir);
    int rc = fd < 0 ? -1 : futimens(fd, NULL);

    if (rc != 0)
        (void)error_errno(e, spool_dir);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}
