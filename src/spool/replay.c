#include "spool/replay.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/io.h"
#include "base/log.h"
#include "wire/frame.h"

#define FILE_MAX_BYTES (2 * FRAME_MAX_BYTES + SPOOL_HEAD_BYTES)
#define KEEP_BYTES ((size_t)64 * 1024)

/* After this many refusals other files go first, until the next look at the spool. */
#define TRIES 3U

/* Small files form one batch: at most this many, with this many bytes after the first. */
#define TOGETHER_FILES 64U
#define TOGETHER_BYTES ((size_t)1024 * 1024)

/* More than the age at which a file in tmp/ may be swept. */
#define SWEEP_MS 3000

struct replay {
    struct spool *spool;
    struct replay_target to;
    struct folder_list list; /* the rest of the last look at the spool */
    size_t at;
    struct buf bytes[TOGETHER_FILES];

    struct part {
        const char *name; /* borrowed from the list */
        size_t end;       /* of its items */
    } parts[TOGETHER_FILES];

    size_t files; /* of this step */
    size_t alone; /* number of files to try one by one, after a failure */
    int lock_fd;
    bool unclean;        /* some of the next files may be stored already */
    int64_t sweep_at_ms; /* the content of tmp/ may be dead by then; 0: it was empty */
    bool more;           /* a look at the spool is due */
    unsigned tries;      /* of the current file, by a database that answers */
};

struct replay *
replay_new(struct spool *spool, const struct replay_target *to)
{
    struct replay *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->spool = spool;
    r->to = *to;
    for (size_t i = 0; i < TOGETHER_FILES; i++)
        r->bytes[i] = buf_init(FILE_MAX_BYTES);
    r->lock_fd = -1;
    r->more = true;
    return r;
}

void
replay_free(struct replay *r)
{
    if (r == NULL)
        return;
    folder_list_free(&r->list);
    for (size_t i = 0; i < TOGETHER_FILES; i++)
        buf_release(&r->bytes[i]);
    replay_unlock(r);
    r->to.free(r->to.context);
    free(r);
}

/* Writes a mark to the lock file: a batch is under way. */
static void
mark(const struct replay *r, bool busy)
{
    if (r->lock_fd >= 0)
        (void)!pwrite(r->lock_fd, busy ? "1" : "0", 1, 0);
}

bool
replay_lock(struct replay *r, const char *dir)
{
    char path[PATH_MAX], busy = '0';
    int n = snprintf(path, sizeof path, "%s/replay.lock", dir);

    if (r->lock_fd >= 0)
        return true;
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    r->lock_fd = io_try_lock(path);
    if (r->lock_fd >= 0 && pread(r->lock_fd, &busy, 1, 0) == 1)
        r->unclean = busy == '1';
    return r->lock_fd >= 0;
}

void
replay_unlock(struct replay *r)
{
    if (r->lock_fd >= 0)
        (void)close(r->lock_fd);
    r->lock_fd = -1;
}

bool
replay_is_due(struct replay *r)
{
    r->more = spool_changed(r->spool) || r->more ||
              (r->sweep_at_ms != 0 && clock_now_ms() >= r->sweep_at_ms);
    return r->more || r->at < r->list.count;
}

/* Looks at the spool; removes files left by dead processes. */
static int
look(struct replay *r, struct error *e)
{
    int64_t left = 0;

    (void)!spool_changed(r->spool); /* later changes are noticed again */
    r->more = false;
    r->at = 0;
    folder_list_free(&r->list);
    if (spool_sweep(r->spool, &left, e) != 0)
        return -1;
    r->sweep_at_ms = left == 0 ? 0 : clock_now_ms() + SWEEP_MS;
    return spool_list(r->spool, SPOOL_NEW, &r->list, e);
}

static void
set_aside(struct replay *r, const char *name, const struct error *why)
{
    struct log_pair pairs[] = {LOG_TEXT("file", str_of(name)),
                               LOG_TEXT("error", str_of(why->text))};
    struct error e;

    log_write(LOG_LEVEL_ERROR, LOG_SPOOL_DAMAGED, pairs, COUNT_OF(pairs));
    if (spool_set_aside(r->spool, name, &e) != 0)
        log_error(LOG_LEVEL_ERROR, LOG_SPOOL_REFUSES, &e, NULL, 0);
}

/* Reads a file after the existing items.  *taken: whether it is replayed now; otherwise
 * it was damaged, is gone, or (full) waits for the next step. */
static int
read_file(struct replay *r, const char *name, size_t *events, bool *taken, bool *full,
          struct error *e)
{
    struct spool_file file;
    size_t room = FRAME_MAX_ITEMS - *events, n;

    *taken = *full = false;
    if (spool_read(r->spool, SPOOL_NEW, name, &r->bytes[r->files], &file, e) == 0) {
        *full = file.events > room && *events > 0;
        if (*full)
            return 0;
        if (r->to.take(r->to.context, file.frames, *events, &n, e) == 0) {
            *events += n;
            r->parts[r->files++] = (struct part){name, *events};
            *taken = true;
            return 0;
        }
    }
    if (e->kind == ERROR_MALFORMED)
        set_aside(r, name, e);
    return e->kind == ERROR_SYSTEM ? -1 : 0;
}

/* Reads the oldest files, up to one batch.  Returns the number examined, or -1. */
static ptrdiff_t
gather(struct replay *r, size_t *events, struct error *e)
{
    size_t at = r->at, bytes = 0;
    bool full = false, taken;

    r->files = 0;
    *events = 0;
    while (!full && at < r->list.count && r->files < TOGETHER_FILES &&
           bytes <= TOGETHER_BYTES && (r->files == 0 || r->alone == 0)) {
        if (read_file(r, r->list.names[at], events, &taken, &full, e) != 0)
            return r->files == 0 ? -1 : (ptrdiff_t)(at - r->at);
        if (taken)
            bytes += r->bytes[r->files - 1].n;
        at += !full;
    }
    return (ptrdiff_t)(at - r->at);
}

static int
remove_settled(struct replay *r, struct error *e)
{
    size_t from = 0;
    int rc = 0;

    for (const struct part *p = r->parts; p < r->parts + r->files; p++) {
        if (!r->to.is_settled(r->to.context, from, p->end) ||
            (spool_remove(r->spool, p->name, e) != 0 && e->kind != ERROR_NOT_FOUND))
            rc = -1;
        from = p->end;
    }
    return rc;
}

static enum replay_result
replay_files(struct replay *r, int64_t now_us, size_t *looked_at, size_t *events,
             struct error *e)
{
    ptrdiff_t n = gather(r, events, e);

    *looked_at = n < 0 ? 1 : (size_t)n;
    if (n < 0)
        return REPLAY_FAILED;
    if (r->files == 0)
        return REPLAY_STORED;
    mark(r, true);
    r->to.store(r->to.context, *events, now_us, e);
    CRASH_POINT("replay-committed");
    if (remove_settled(r, e) != 0) {
        r->unclean = true;
        return REPLAY_FAILED;
    }
    mark(r, false);
    CRASH_POINT("replay-removed");
    if (!r->unclean)
        r->to.count_duplicates(r->to.context, *events, now_us);
    r->unclean = r->unclean && r->alone > 0;
    return REPLAY_STORED;
}

/* When a database that answers refuses a file again and again, other files go first;
 * trying each file alone shows which of several it is. */
static enum replay_result
failed(struct replay *r, size_t looked_at, const struct error *e)
{
    if (e->sqlstate[0] == '\0')
        return REPLAY_FAILED;
    if (r->files > 1) {
        r->alone = looked_at;
        return REPLAY_FAILED;
    }
    if (++r->tries < TRIES)
        return REPLAY_FAILED;
    return REPLAY_STORED;
}

enum replay_result
replay_step(struct replay *r, int64_t now_us, size_t *events, struct error *e)
{
    enum replay_result result;
    size_t looked_at;

    *events = 0;
    if (r->at >= r->list.count) {
        if (look(r, e) != 0) {
            r->more = true;
            return REPLAY_FAILED;
        }
        if (r->list.count == 0)
            return REPLAY_EMPTY;
    }
    result = replay_files(r, now_us, &looked_at, events, e);
    for (size_t i = 0; i < r->files; i++)
        buf_clear(&r->bytes[i], KEEP_BYTES);
    if (result == REPLAY_FAILED && failed(r, looked_at, e) == REPLAY_FAILED)
        return result;
    r->tries = 0;
    r->at += looked_at;
    r->alone -= r->alone < looked_at ? r->alone : looked_at;
    if (r->at >= r->list.count)
        r->more = true; /* others may have arrived meanwhile */
    return result;
}
