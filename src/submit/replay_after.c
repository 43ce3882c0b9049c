#include "submit/replay_after.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "outage/keyfile.h"
#include "store/tally.h"

#define LOOK_MS 10

bool
drainer_is_due(struct fallback *f)
{
    struct shared *shared = fallback_shared(f);

    return shared != NULL && !shared_is_away(shared, clock_now_ms()) &&
           (window_any_unsettled(fallback_windows(f)) || shared_has_outcomes(shared) ||
            fallback_is_waiting(f));
}

bool
drainer_begin(struct drainer *d)
{
    d->replay = replay_new(fallback_spool(d->fallback), d->batch);
    if (d->replay != NULL && replay_lock(d->replay, d->spool_dir))
        return true;
    replay_free(d->replay);
    d->replay = NULL;
    return false;
}

/* Of the web server's descriptors the log may stay, if that is a file: who reads a pipe
 * would wait for its end. */
static void
let_go(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return;
    (void)dup2(fd, STDIN_FILENO);
    (void)dup2(fd, STDOUT_FILENO);
    if (fstat(STDERR_FILENO, &st) != 0 || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
        (void)dup2(fd, STDERR_FILENO);
    if (fd > STDERR_FILENO)
        (void)close(fd);
}

bool
drainer_detach(void)
{
    pid_t pid = fork();

    if (pid < 0)
        return false;
    if (pid > 0)
        _exit(EXIT_SUCCESS);
    (void)setsid();
    let_go();
    return true;
}

static bool
has_time(const struct drainer *d)
{
    return clock_now_ms() < d->until_ms;
}

/* What was taken and counted; the keys, when they are old. */
static int
tell(struct drainer *d, bool all, struct error *e)
{
    int64_t now_ms = clock_now_ms();

    db_set_deadline(d->db, now_ms + d->store_timeout_ms);
    if (fallback_settle(d->fallback, d->batch, now_ms + d->store_timeout_ms, e) != 0)
        return -1;
    if (shared_has_outcomes(fallback_shared(d->fallback)) &&
        (all || now_ms - d->told_ms >= TALLY_MS)) {
        d->told_ms = now_ms;
        if (fallback_tell(d->fallback, d->db, e) != 0)
            return -1;
    }
    if (keyfile_age_ms(d->spool_dir) >= DRAINER_KEYS_MS)
        fallback_renew_keys(d->fallback, d->db);
    return 0;
}

static int
drain(struct drainer *d, struct error *e)
{
    enum replay_result result = REPLAY_STORED;
    size_t events;

    while (result == REPLAY_STORED && has_time(d)) {
        db_set_deadline(d->db, clock_now_ms() + d->store_timeout_ms);
        result = replay_step(d->replay, clock_wall_us(), &events, e);
    }
    return result == REPLAY_FAILED ? -1 : 0;
}

/* Until nothing comes any more. */
static int
serve(struct drainer *d, struct error *e)
{
    int64_t last_ms = clock_now_ms();
    int rc;

    do {
        bool due = replay_is_due(d->replay);

        rc = tell(d, false, e);
        if (rc == 0 && due) {
            rc = drain(d, e);
            last_ms = clock_now_ms();
        }
    } while (rc == 0 && has_time(d) && clock_now_ms() - last_ms < DRAINER_LINGER_MS &&
             io_wait(-1, 0, LOOK_MS) == 0);
    return rc == 0 ? tell(d, true, e) : -1;
}

void
drainer_run(struct drainer *d, int64_t life_ms)
{
    struct shared *shared = fallback_shared(d->fallback);
    struct error e = {.kind = ERROR_NONE};
    int rc;

    d->until_ms = clock_now_ms() + life_ms;
    /* Who puts something there while this one is about to leave finds the lock taken: so
     * there is another look afterwards. */
    do {
        rc = serve(d, &e);
        replay_unlock(d->replay);
    } while (rc == 0 && has_time(d) && drainer_is_due(d->fallback) &&
             replay_lock(d->replay, d->spool_dir));
    if (rc == 0)
        shared_set_away(shared, clock_now_ms(), false);
    else if (db_error_is_lost(&e))
        shared_set_away(shared, clock_now_ms(), true);
    if (rc != 0 && e.kind != ERROR_NONE)
        log_error(LOG_LEVEL_WARNING,
                  e.kind == ERROR_SYSTEM ? LOG_SPOOL_REFUSES : LOG_DATABASE_LOST, &e,
                  NULL, 0);
    replay_free(d->replay);
    d->replay = NULL;
}
