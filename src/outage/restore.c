#include "outage/restore.h"

#include <stdlib.h>

#include "base/log.h"
#include "wire/frame.h"

struct restore {
    struct batch *batch;
    struct outcomes counts;
    struct batch_entry items[FRAME_MAX_ITEMS];
};

/* Splits the frames into at most room items; those of a file are all in one batch.
 * Returns -1 for frames that the spool did not write. */
static int
take_items(struct batch_entry *items, size_t room, struct str frames, size_t *count,
           struct error *e)
{
    *count = 0;
    while (frames.n > 0) {
        struct frame_submission s, left;
        struct frame f;
        struct frame_item item;
        struct error why;
        ptrdiff_t n = frame_parse(frames, &f, e);

        if (n == 0 || (n > 0 && f.type != FRAME_SUBMIT))
            return error_set(e, ERROR_MALFORMED, "damaged: truncated frame");
        if (n < 0 || frame_parse_submission(f.body, &s, e) != 0)
            return -1;
        if (s.count > room - *count)
            return error_set(e, ERROR_MALFORMED, "damaged: more than %zu events", room);
        if (frame_check_items(&s, &why) != 0)
            return error_set(e, ERROR_MALFORMED, "damaged: %.100s", why.text);
        left = s;
        for (size_t i = 0; i < s.count; i++)
            if (frame_next_item(&left, &item, e) != 0 || item.kind == FRAME_ITEM_CHARGE)
                return error_set(e, ERROR_MALFORMED, "damaged: truncated event");
        *count += batch_entry_take(&s, items + *count);
        frames = (struct str){frames.p + n, frames.n - (size_t)n};
    }
    if (*count == 0)
        return error_set(e, ERROR_MALFORMED, "damaged: no events");
    return 0;
}

static int
take(void *context, struct str frames, size_t first, size_t *events, struct error *e)
{
    struct restore *r = context;

    return take_items(r->items + first, FRAME_MAX_ITEMS - first, frames, events, e);
}

static void
store(void *context, size_t events, int64_t now_us, struct error *e)
{
    struct restore *r = context;

    batch_replay(r->batch, r->items, events, now_us, e);
}

/* Stored, duplicate, saved as poison, or the project was deleted: settled. */
static bool
is_settled(void *context, size_t first, size_t end)
{
    const struct restore *r = context;
    size_t gone = 0;

    for (size_t i = first; i < end; i++) {
        if (r->items[i].verdict.status == VERDICT_UNAVAILABLE)
            return false;
        gone += r->items[i].verdict.status == VERDICT_NO_PROJECT;
    }
    if (gone > 0)
        log_write(LOG_LEVEL_WARNING, LOG_SPOOL_NO_PROJECT,
                  &LOG_NUMBER("events", (int64_t)gone), 1);
    return true;
}

static void
count_duplicates(void *context, size_t count, int64_t now_us)
{
    struct restore *r = context;
    struct error e;

    for (size_t i = 0; i < count; i++)
        if (r->items[i].what.kind == FRAME_ITEM_ROW && !r->items[i].again &&
            r->items[i].verdict.status == VERDICT_DUPLICATE)
            outcomes_add(&r->counts, r->items[i].project, now_us, OUTCOME_DUPLICATE, 1);
    if (r->counts.count > 0)
        (void)!batch_tally(r->batch, &r->counts, &e);
}

struct replay *
restore_new(struct spool *spool, struct batch *batch)
{
    struct restore *r = calloc(1, sizeof *r);
    const struct replay_target to = {r, take, store, is_settled, count_duplicates, free};
    struct replay *made;

    if (r == NULL)
        return NULL;
    r->batch = batch;
    made = replay_new(spool, &to);
    if (made == NULL)
        free(r);
    return made;
}
