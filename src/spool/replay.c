#include "spool/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"

#define FILE_MAX_BYTES (2 * FRAME_MAX_BYTES + SPOOL_HEAD_BYTES)
#define KEEP_BYTES ((size_t)64 * 1024)

/* After so many refusals a file lets the others pass, until the next look. */
#define TRIES 3U

/* More than the age at which a file in tmp/ may be swept. */
#define SWEEP_MS 3000

struct replay {
    struct spool *spool;
    struct batch *batch;
    struct folder_list list; /* what is left of the last look at the spool */
    size_t at;
    struct buf bytes;
    int lock_fd;
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
    r->bytes = buf_init(FILE_MAX_BYTES);
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
    buf_release(&r->bytes);
    if (r->lock_fd >= 0)
        (void)close(r->lock_fd);
    free(r);
}

bool
replay_lock(struct replay *r, const char *dir)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/replay.lock", dir);

    if (r->lock_fd >= 0)
        return true;
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    r->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (r->lock_fd >= 0 && flock(r->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(r->lock_fd);
        r->lock_fd = -1;
    }
    return r->lock_fd >= 0;
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

/* Cuts the frames into items; all of a file are one batch.  -1: not what we wrote. */
static int
take_items(struct replay *r, struct str frames, size_t *count, struct error *e)
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
        if (s.count > FRAME_MAX_ITEMS - *count)
            return error_set(e, ERROR_MALFORMED, "damaged: more than %u events",
                             FRAME_MAX_ITEMS);
        left = s;
        for (size_t i = 0; i < s.count; i++)
            if (frame_next_item(&left, &item, e) != 0 || item.kind == FRAME_ITEM_CHARGE)
                return error_set(e, ERROR_MALFORMED, "damaged: an event is cut");
        *count += item_take(&s, r->items + *count);
        frames = (struct str){frames.p + n, frames.n - (size_t)n};
    }
    if (*count == 0)
        return error_set(e, ERROR_MALFORMED, "damaged: it has no events");
    return 0;
}

/* Stored, a duplicate, put aside as poison, or its project is gone: done with. */
static bool
all_settled(const struct replay *r, size_t count)
{
    size_t gone = 0;

    for (size_t i = 0; i < count; i++) {
        if (r->items[i].verdict.status == VERDICT_UNAVAILABLE)
            return false;
        gone += r->items[i].verdict.status == VERDICT_NO_PROJECT;
    }
    if (gone > 0)
        log_write(LOG_LEVEL_WARNING, LOG_SPOOL_NO_PROJECT,
                  &LOG_NUMBER("events", (int64_t)gone), 1);
    return true;
}

static enum replay_result
replay_file(struct replay *r, const char *name, int64_t now_us, size_t *events,
            struct error *e)
{
    struct spool_file file;

    if (spool_read(r->spool, SPOOL_NEW, name, &r->bytes, &file, e) != 0 ||
        take_items(r, file.frames, events, e) != 0) {
        *events = 0;
        if (e->kind == ERROR_MALFORMED)
            set_aside(r, name, e);
        return e->kind == ERROR_SYSTEM ? REPLAY_FAILED : REPLAY_STORED;
    }
    batch_replay(r->batch, r->items, *events, now_us, e);
    if (!all_settled(r, *events))
        return REPLAY_FAILED;
    CRASH_POINT("replay-committed");
    if (spool_remove(r->spool, name, e) != 0 && e->kind != ERROR_NOT_FOUND)
        return REPLAY_FAILED;
    CRASH_POINT("replay-removed");
    return REPLAY_STORED;
}

enum replay_result
replay_step(struct replay *r, int64_t now_us, size_t *events, struct error *e)
{
    enum replay_result result;

    *events = 0;
    if (r->at >= r->list.count) {
        if (look(r, e) != 0) {
            r->more = true;
            return REPLAY_FAILED;
        }
        if (r->list.count == 0)
            return REPLAY_EMPTY;
    }
    result = replay_file(r, r->list.names[r->at], now_us, events, e);
    buf_clear(&r->bytes, KEEP_BYTES);
    if (result == REPLAY_FAILED && (e->sqlstate[0] == '\0' || ++r->tries < TRIES))
        return result;
    r->tries = 0;
    r->at++;
    if (r->at >= r->list.count)
        r->more = true; /* others may have come meanwhile */
    return result;
}
