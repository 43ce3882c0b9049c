#include "submit/replay_after.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "outage/keyfile.h"
#include "outage/restore.h"
#include "store/tally.h"

#define LOOK_MS 10

/* How long the lock is free for another process before this one takes it again. */
#define HANDOVER_MS 20

bool
replay_after_is_due(struct fallback *f)
{
    struct shared *shared = fallback_shared(f);

    return shared != NULL && !shared_is_away(shared, clock_now_ms()) &&
           (window_any_unsettled(fallback_windows(f).units) ||
            window_any_unsettled(fallback_windows(f).bytes) ||
            shared_has_outcomes(shared) || fallback_is_waiting(f));
}

bool
replay_after_begin(struct replay_after *d)
{
    d->replay = restore_new(fallback_spool(d->fallback), d->batch);
    if (d->replay != NULL && replay_lock(d->replay, d->spool_dir))
        return true;
    replay_free(d->replay);
    d->replay = NULL;
    return false;
}

/* Of the web server's descriptors only the log is kept, and only if it is a file: the
 * reader of a pipe would wait for its end. */
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
replay_after_detach(void)
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
has_time(const struct replay_after *d)
{
    return clock_now_ms() < d->until_ms;
}

/* Reports the units taken and outcomes counted; renews the keys when they are old. */
static int
tell(struct replay_after *d, bool all, struct error *e)
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
    if (keyfile_age_ms(d->spool_dir) >= REPLAY_AFTER_KEYS_MS)
        fallback_renew_keys(d->fallback, d->db);
    return 0;
}

static int
replay(struct replay_after *d, struct error *e)
{
    enum replay_result result = REPLAY_STORED;
    size_t events;

    while (result == REPLAY_STORED && has_time(d)) {
        db_set_deadline(d->db, clock_now_ms() + d->store_timeout_ms);
        result = replay_step(d->replay, clock_wall_us(), &events, e);
    }
    return result == REPLAY_FAILED ? -1 : 0;
}

/* Replays until nothing arrives any more. */
static int
serve(struct replay_after *d, struct error *e)
{
    int64_t last_ms = clock_now_ms();
    int rc;

    do {
        bool due = replay_is_due(d->replay);

        rc = tell(d, false, e);
        if (rc == 0 && due) {
            rc = replay(d, e);
            last_ms = clock_now_ms();
        }
    } while (rc == 0 && has_time(d) &&
             clock_now_ms() - last_ms < REPLAY_AFTER_LINGER_MS &&
             io_wait(-1, 0, LOOK_MS) == 0);
    return rc == 0 ? tell(d, true, e) : -1;
}

/* A process that spools an event just before this one exits finds the lock taken, and may
 * be the last for hours.  So this process looks again without the lock, after a time in
 * which others can take over, and continues if none did.  A statement refused by a
 * database that answers is also tried again, as long as there is time. */
static bool
takes_over_again(struct replay_after *d, int rc, const struct error *e, int64_t life_ms)
{
    if (rc != 0 && (!has_time(d) || db_error_is_lost(e)))
        return false;
    if (rc != 0 || !has_time(d))
        (void)!io_wait(-1, 0, HANDOVER_MS);
    if (!replay_after_is_due(d->fallback) || !replay_lock(d->replay, d->spool_dir))
        return false;
    if (!has_time(d))
        d->until_ms = clock_now_ms() + life_ms;
    return true;
}

void
replay_after_run(struct replay_after *d, int64_t life_ms)
{
    struct shared *shared = fallback_shared(d->fallback);
    struct error e;
    int rc;

    d->until_ms = clock_now_ms() + life_ms;
    do {
        e = (struct error){.kind = ERROR_NONE};
        rc = serve(d, &e);
        replay_unlock(d->replay);
    } while (takes_over_again(d, rc, &e, life_ms));
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
