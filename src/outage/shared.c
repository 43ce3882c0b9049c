#include "outage/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* Another layout needs another number. */
#define MAGIC UINT64_C(0x6d73687368617202)

/* Clock readings from the same boot agree within this time; a boot takes longer. */
#define SAME_START_MS 5000
#define OPEN_TRIES 3

/* Interval of attempts at a lock, which cannot be waited for with a deadline. */
#define LOCK_PAUSE_MS 2

struct memory {
    uint64_t magic;
    int64_t began_ms; /* wall clock time of the monotonic clock's zero */
    int64_t away_until_ms;
    struct origins_table origins;
    struct outcomes outcomes;
    struct window_store units, bytes;
};

struct shared {
    int fd, settle_fd; /* settle_fd -1: not locked */
    char dir[PATH_MAX];
    struct memory *memory;
    struct windows windows;
};

static void
lock(struct shared *s)
{
    (void)io_lock(s->fd);
}

static void
unlock(struct shared *s)
{
    (void)flock(s->fd, LOCK_UN);
}

static int64_t
began_ms(void)
{
    return clock_wall_us() / 1000 - clock_now_ms();
}

/* Checks that no content can cause accesses outside the file. */
static bool
is_sound(const struct memory *m)
{
    if (m->magic != MAGIC || llabs(m->began_ms - began_ms()) > SAME_START_MS ||
        m->outcomes.count > OUTCOMES_MAX)
        return false;
    for (size_t i = 0; i < m->outcomes.count; i++)
        if (m->outcomes.row[i].outcome >= OUTCOME_KINDS)
            return false;
    for (size_t i = 0; i < ORIGINS_SLOTS; i++)
        if (m->origins.slot[i].n > ORIGINS_MAX_BYTES)
            return false;
    return true;
}

/* Call it with the lock.  A page for which the disk has no room would cause a signal
 * later: all of it is allocated now.  Returns 0 when it can be mapped; 1 when it is not
 * our file, or another file is in the way. */
static int
prepare_file(int fd, const char *path, bool make, struct error *e)
{
    struct stat st, named;

    if (fstat(fd, &st) != 0)
        return error_errno(e, path);
    if (st.st_size != 0 && st.st_size != (off_t)sizeof(struct memory))
        return 1;
    if (st.st_size == 0) {
        int rc = make ? posix_fallocate(fd, 0, (off_t)sizeof(struct memory)) : EINVAL;

        if (rc != 0) {
            errno = rc;
            return error_errno(e, path);
        }
    }
    /* Another process may have replaced it meanwhile. */
    if (stat(path, &named) != 0 || named.st_ino != st.st_ino || named.st_dev != st.st_dev)
        return 1;
    return 0;
}

static int
map(struct shared *s, const char *path, struct error *e)
{
    void *p =
        mmap(NULL, sizeof(struct memory), PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);

    if (p == MAP_FAILED)
        return error_errno(e, path);
    s->memory = p;
    if (!is_sound(s->memory)) {
        (void)memset(s->memory, 0, sizeof *s->memory);
        s->memory->magic = MAGIC;
    }
    s->memory->began_ms = began_ms(); /* a clock being adjusted moves slowly */
    s->windows.units = window_share(&s->memory->units, s->fd);
    s->windows.bytes = window_share(&s->memory->bytes, s->fd);
    return s->windows.units == NULL || s->windows.bytes == NULL ? error_no_memory(e) : 0;
}

/* Returns 1 to try again. */
static int
open_once(struct shared *s, const char *path, bool make, struct error *e)
{
    int rc;

    s->fd = open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    if (s->fd < 0) {
        error_errno(e, path);
        e->kind = errno == ENOENT ? ERROR_NOT_FOUND : ERROR_SYSTEM;
        return -1;
    }
    lock(s);
    rc = prepare_file(s->fd, path, make, e);
    if (rc == 0)
        rc = map(s, path, e);
    unlock(s);
    if (rc == 0)
        return 0;
    /* Of another size: processes that have it mapped keep it, without a name. */
    if (rc == 1 && (!make || (unlink(path) != 0 && errno != ENOENT)))
        rc = error_errno(e, path);
    (void)close(s->fd);
    s->fd = -1;
    return rc;
}

struct shared *
shared_open(const char *dir, bool make, struct error *e)
{
    struct shared *s = calloc(1, sizeof *s);
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/shared", dir), rc = 1;

    if (s == NULL) {
        error_no_memory(e);
        return NULL;
    }
    s->fd = s->settle_fd = -1;
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        rc = error_errno(e, dir);
    } else {
        (void)memcpy(s->dir, dir, strlen(dir) + 1);
    }
    for (int i = 0; rc == 1 && i < OPEN_TRIES; i++)
        rc = open_once(s, path, make, e);
    if (rc == 1)
        error_set(e, ERROR_SYSTEM, "internal failure");
    if (rc != 0) {
        shared_close(s);
        return NULL;
    }
    return s;
}

void
shared_close(struct shared *s)
{
    if (s == NULL)
        return;
    shared_unlock_settling(s);
    window_free(s->windows.units);
    window_free(s->windows.bytes);
    if (s->memory != NULL)
        (void)munmap(s->memory, sizeof *s->memory);
    if (s->fd >= 0)
        (void)close(s->fd);
    free(s);
}

struct windows
shared_windows(struct shared *s)
{
    return s->windows;
}

bool
shared_lock_settling(struct shared *s, int64_t deadline_ms)
{
    char path[PATH_MAX + sizeof "/settle.lock"];

    (void)snprintf(path, sizeof path, "%s/settle.lock", s->dir);
    for (;;) {
        s->settle_fd = io_try_lock(path);
        if (s->settle_fd >= 0 || errno != EWOULDBLOCK || clock_now_ms() >= deadline_ms ||
            io_wait(-1, 0, LOCK_PAUSE_MS) < 0)
            break;
    }
    return s->settle_fd >= 0;
}

void
shared_unlock_settling(struct shared *s)
{
    if (s->settle_fd >= 0)
        (void)close(s->settle_fd);
    s->settle_fd = -1;
}

void
shared_set_away(struct shared *s, int64_t now_ms, bool away)
{
    int64_t until_ms = away ? now_ms + SHARED_AWAY_MS : 0;

    if (!away && s->memory->away_until_ms == 0)
        return;
    lock(s);
    s->memory->away_until_ms = until_ms;
    unlock(s);
}

bool
shared_is_away(struct shared *s, int64_t now_ms)
{
    int64_t until_ms;

    lock(s);
    until_ms = s->memory->away_until_ms;
    unlock(s);
    return now_ms < until_ms && until_ms <= now_ms + SHARED_AWAY_MS;
}

void
shared_put_origins(struct shared *s, int64_t project, int64_t now_ms, struct str list)
{
    lock(s);
    origins_put(&s->memory->origins, project, now_ms, list);
    unlock(s);
}

bool
shared_get_origins(struct shared *s, int64_t project, int64_t now_ms, char *out,
                   size_t *n)
{
    struct str list = STR_NONE;
    bool found;

    lock(s);
    found = origins_get(&s->memory->origins, project, now_ms, &list);
    if (found) {
        *n = list.n;
        (void)memcpy(out, list.p, list.n);
    }
    unlock(s);
    return found;
}

void
shared_add_outcomes(struct shared *s, struct outcomes *o)
{
    lock(s);
    outcomes_add_all(&s->memory->outcomes, o);
    unlock(s);
    o->count = 0;
}

void
shared_take_outcomes(struct shared *s, struct outcomes *o)
{
    lock(s);
    *o = s->memory->outcomes;
    s->memory->outcomes.count = 0;
    unlock(s);
}

bool
shared_has_outcomes(struct shared *s)
{
    bool any;

    lock(s);
    any = s->memory->outcomes.count > 0;
    unlock(s);
    return any;
}
