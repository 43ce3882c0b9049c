#include "spool/replay.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/io.h"
#include "base/log.h"

#define FILE_MAX_BYTES (2 * FRAME_MAX_BYTES + SPOOL_HEAD_BYTES)
#define KEEP_BYTES ((size_t)64 * 1024)

/* After so many refusals a file lets the others pass, until the next look. */
#define TRIES 3U

/* Small files are one batch together: at most so many, and so many bytes behind the
 * first. */
#define TOGETHER_FILES 64U
#define TOGETHER_BYTES ((size_t)1024 * 1024)

/* More than the age at which a file in tmp/ may be swept. */
#define SWEEP_MS 3000

struct replay {
    struct spool *spool;
    struct batch *batch;
    struct folder_list list; /* what is left of the last look at the spool */
    size_t at;
    struct buf bytes[TOGETHER_FILES];

    struct part {
        const char *name; /* borrowed from the list */
        size_t end;       /* of its items */
    } parts[TOGETHER_FILES];

    size_t files; /* of this step */
    size_t alone; /* so many are tried one by one, after a failure */
    int lock_fd;
    bool unclean; /* of what comes next, some may be stored by somebody who died, or us */
    struct outcomes counts;
    int64_t sweep_at_ms; /* what was in tmp/ may be dead by then; 0: nothing was */
    bool more;           /* a look at the spool is due */
    unsigned tries;      /* of the file at hand, refused by a database that answers */
    struct batch_item items[FRAME_MAX_ITEMS];
};

struct replay *
replay_new(struct spool *spool, struct batch *batch)
{
    struct replay *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->spool = spool;
    r->batch = batch;
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
    free(r);
}

/* A mark in the file of the lock: a batch is under way. */
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

/* A look at the spool; what dead processes left in it goes. */
static int
look(struct replay *r, struct error *e)
{
    int64_t left = 0;

    (void)!spool_changed(r->spool); /* what comes from here on is noticed again */
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

/* Cuts the frames into at most room items; all of a file are in one batch.  -1: not what
 * we wrote. */
static int
take_items(struct batch_item *items, size_t room, struct str frames, size_t *count,
           struct error *e)
{
    *count = 0;
    while (frames.n > 0) {
        struct frame_submission s, left;
        struct frame f;
        struct frame_item item;
        ptrdiff_t n = frame_parse(frames, &f, e);

        if (n == 0 || (n > 0 && f.type != FRAME_SUBMIT))
            return error_set(e, ERROR_MALFORMED, "damaged: a frame is cut");
        if (n < 0 || frame_parse_submission(f.body, &s, e) != 0)
            return -1;
        if (s.count > room - *count)
            return error_set(e, ERROR_MALFORMED, "damaged: more than %zu events", room);
        left = s;
        for (size_t i = 0; i < s.count; i++)
            if (frame_next_item(&left, &item, e) != 0 || item.kind == FRAME_ITEM_CHARGE)
                return error_set(e, ERROR_MALFORMED, "damaged: an event is cut");
        *count += item_take(&s, items + *count);
        frames = (struct str){frames.p + n, frames.n - (size_t)n};
    }
    if (*count == 0)
        return error_set(e, ERROR_MALFORMED, "damaged: it has no events");
    return 0;
}

/* Stored, a duplicate, put aside as poison, or its project is gone: done with. */
static bool
is_settled(const struct batch_item *items, size_t count)
{
    size_t gone = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].verdict.status == VERDICT_UNAVAILABLE)
            return false;
        gone += items[i].verdict.status == VERDICT_NO_PROJECT;
    }
    if (gone > 0)
        log_write(LOG_LEVEL_WARNING, LOG_SPOOL_NO_PROJECT,
                  &LOG_NUMBER("events", (int64_t)gone), 1);
    return true;
}

/* Reads a file behind the items that are there.  *taken: whether it is one of those that
 * are replayed now: else it was damaged, or is gone, or (full) waits for the next step.
 */
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
        if (take_items(r->items + *events, room, file.frames, &n, e) == 0) {
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

/* Reads the oldest files, as many as are one batch.  Gives how many were looked at, or
 * -1. */
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
        if (!is_settled(r->items + from, p->end - from) ||
            (spool_remove(r->spool, p->name, e) != 0 && e->kind != ERROR_NOT_FOUND))
            rc = -1;
        from = p->end;
    }
    return rc;
}

/* What a client sent twice is counted as what it is, unless the first one may have been
 * ours. */
static void
count_duplicates(struct replay *r, size_t count, int64_t now_us)
{
    struct error e;

    for (size_t i = 0; i < count && !r->unclean; i++)
        if (r->items[i].what.kind == FRAME_ITEM_ROW && !r->items[i].again &&
            r->items[i].verdict.status == VERDICT_DUPLICATE)
            outcomes_add(&r->counts, r->items[i].project, now_us, OUTCOME_DUPLICATE, 1);
    if (r->counts.count > 0)
        (void)!batch_tally(r->batch, &r->counts, &e);
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
    batch_replay(r->batch, r->items, *events, now_us, e);
    CRASH_POINT("replay-committed");
    if (remove_settled(r, e) != 0) {
        r->unclean = true;
        return REPLAY_FAILED;
    }
    mark(r, false);
    CRASH_POINT("replay-removed");
    count_duplicates(r, *events, now_us);
    r->unclean = r->unclean && r->alone > 0;
    return REPLAY_STORED;
}

/* A file that a database which answers refuses again and again lets the others pass;
 * which one of several it is shows when each is tried alone. */
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
        r->more = true; /* others may have come meanwhile */
    return result;
}
