#include "outage/fallback.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "outage/keyfile.h"
#include "store/tally.h"

#define KEEP_BYTES ((size_t)64 * 1024)

/* A batch, with a head for each of its items; and one frame of it, which has to stay
 * below FRAME_MAX_BYTES with its head. */
#define FRAMES_MAX_BYTES (2 * FRAME_MAX_BYTES)
#define RUN_MAX_BYTES (FRAME_MAX_BYTES / 4)

struct fallback {
    struct fallback_settings settings;
    struct window_table *windows; /* of shared, or our own */
    struct shared *shared;        /* NULL: nothing is shared */
    struct spool *spool;
    struct buf frames;
};

struct fallback *
fallback_new(const struct fallback_settings *settings)
{
    struct fallback *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->settings = *settings;
    f->frames = buf_init(FRAMES_MAX_BYTES);
    f->windows = window_new();
    f->spool = spool_new(&settings->spool);
    if (f->windows == NULL || f->spool == NULL) {
        fallback_free(f);
        return NULL;
    }
    return f;
}

void
fallback_free(struct fallback *f)
{
    if (f == NULL)
        return;
    if (f->shared == NULL)
        window_free(f->windows);
    shared_close(f->shared);
    spool_free(f->spool);
    buf_release(&f->frames);
    free(f);
}

bool
fallback_is_waiting(struct fallback *f)
{
    struct quota_usage usage;
    struct error ignored;

    return spool_usage(f->spool, &usage, &ignored) == 0 && usage.files > 0;
}

int
fallback_share(struct fallback *f, bool make, struct error *e)
{
    struct shared *shared;

    if (f->shared != NULL)
        return 0;
    if (!spool_is_configured(f->spool))
        return error_set(e, ERROR_NOT_FOUND, "no spool");
    if (make && spool_prepare(f->spool, e) != 0)
        return -1;
    shared = shared_open(f->settings.spool.dir, make, e);
    if (shared == NULL)
        return -1;
    window_free(f->windows);
    f->shared = shared;
    f->windows = shared_windows(shared);
    return 0;
}

struct shared *
fallback_shared(struct fallback *f)
{
    return f->shared;
}

struct window_table *
fallback_windows(struct fallback *f)
{
    return f->windows;
}

struct spool *
fallback_spool(struct fallback *f)
{
    return f->spool;
}

/* What is stored beside events has a window of its own, as the database has it. */
static int64_t
records_limit(int64_t rate_limit)
{
    return rate_limit * 10 + 1000;
}

void
fallback_set_limit(struct fallback *f, int64_t project, int64_t rate_limit,
                   int64_t rate_window_s)
{
    window_set_limit(f->windows, project, rate_limit, rate_window_s * 1000);
    window_set_limit(f->windows, -project, records_limit(rate_limit),
                     rate_window_s * 1000);
}

int
fallback_key(struct fallback *f, const struct key *k, int64_t *project, struct error *e)
{
    struct keyfile_entry entry;

    if (!spool_is_configured(f->spool))
        return error_set(e, ERROR_NOT_FOUND, "no spool");
    if (keyfile_find(f->settings.spool.dir, k, &entry, e) != 0)
        return -1;
    *project = entry.project;
    fallback_set_limit(f, entry.project, entry.rate_limit, entry.rate_window_s);
    return 0;
}

bool
fallback_knows_key(struct fallback *f, const struct key *k)
{
    struct keyfile_entry entry;
    struct error ignored;

    return !spool_is_configured(f->spool) ||
           keyfile_find(f->settings.spool.dir, k, &entry, &ignored) == 0;
}

void
fallback_renew_keys(struct fallback *f, struct db *d)
{
    struct error e;

    if (spool_is_configured(f->spool) &&
        (spool_prepare(f->spool, &e) != 0 ||
         keyfile_renew(f->settings.spool.dir, d, &e) != 0))
        log_error(LOG_LEVEL_WARNING, LOG_SPOOL_REFUSES, &e, NULL, 0);
}

int
fallback_tell(struct fallback *f, struct db *d, struct error *e)
{
    struct outcomes *o = f->shared == NULL ? NULL : calloc(1, sizeof *o);
    int rc;

    if (f->shared == NULL)
        return 0;
    if (o == NULL)
        return error_no_memory(e);
    shared_take_outcomes(f->shared, o);
    rc = tally_store(d, o, e);
    if (rc != 0)
        shared_add_outcomes(f->shared, o);
    free(o);
    return rc;
}

/* The file of keys knows the limits of every project that has one. */
static void
learn_limit(struct fallback *f, int64_t payer)
{
    int64_t project = payer < 0 ? -payer : payer;
    struct keyfile_entry entry = {.rate_limit = f->settings.rate_limit,
                                  .rate_window_s = f->settings.rate_window_s};
    struct error ignored;

    if (keyfile_find_project(f->settings.spool.dir, project, &entry, &ignored) != 0) {
        entry.rate_limit = f->settings.rate_limit;
        entry.rate_window_s = f->settings.rate_window_s;
    }
    fallback_set_limit(f, project, entry.rate_limit, entry.rate_window_s);
}

/* Units that the items take of the window of their project, or of that of its records. */
static int64_t
units_of(const struct batch_item *items, size_t count, bool records)
{
    int64_t units = 0;

    for (size_t i = 0; i < count; i++)
        units += (item_payer(&items[i]) < 0) == records;
    return units;
}

bool
fallback_admit_early(struct fallback *f, struct batch_item *items, size_t count)
{
    int64_t project = items[0].project, now_ms = clock_now_ms();
    int64_t events = units_of(items, count, false);

    if (!window_take_early(f->windows, project, now_ms, events))
        return false;
    if (!window_take_early(f->windows, -project, now_ms, (int64_t)count - events)) {
        window_give(f->windows, project, events);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        items[i].admitted = true;
        if (items[i].what.kind == FRAME_ITEM_CHARGE)
            items[i].verdict.status = VERDICT_STORED;
    }
    return true;
}

int
fallback_settle(struct fallback *f, struct batch *b, int64_t deadline_ms, struct error *e)
{
    int rc;

    if (f->shared != NULL && !shared_lock_settling(f->shared, deadline_ms))
        return 0;
    rc = batch_settle(b, clock_now_ms(), e);
    if (f->shared != NULL)
        shared_unlock_settling(f->shared);
    return rc;
}

/* With windows closed and all units told, what the database grants is what is left. */
static int
admit_alone(struct fallback *f, struct batch *b, struct batch_item *items, size_t count,
            struct error *e)
{
    if (units_of(items, count, false) > 0)
        window_close(f->windows, items[0].project);
    if (units_of(items, count, true) > 0)
        window_close(f->windows, -items[0].project);
    if (batch_settle(b, clock_now_ms(), e) != 0)
        return -1;
    return batch_admit(b, items, count, e);
}

int
fallback_admit(struct fallback *f, struct batch *b, struct batch_item *items,
               size_t count, int64_t deadline_ms, struct error *e)
{
    int rc = -1;

    if (!shared_lock_settling(f->shared, deadline_ms) ||
        shared_is_away(f->shared, clock_now_ms())) {
        error_set(e, ERROR_UNAVAILABLE, "database unavailable");
        error_detail(e, "another process of this host asks it and has no answer");
    } else {
        rc = admit_alone(f, b, items, count, e);
    }
    shared_unlock_settling(f->shared);
    return rc;
}

static void
admit(struct fallback *f, struct batch_item *item, int64_t now_ms)
{
    int64_t payer = item_payer(item), retry_ms = 0;

    if (!window_is_known(f->windows, payer))
        learn_limit(f, payer);
    if (window_take(f->windows, payer, now_ms, &retry_ms)) {
        item->admitted = true;
        if (item->what.kind == FRAME_ITEM_CHARGE)
            item->verdict.status = VERDICT_STORED;
    } else {
        item->verdict = (struct verdict){VERDICT_LIMITED, (uint32_t)retry_ms};
    }
}

static bool
is_wanted(const struct batch_item *item)
{
    return item->what.kind != FRAME_ITEM_CHARGE &&
           item->verdict.status == VERDICT_UNAVAILABLE;
}

/* What may be stored already is no duplicate when it turns out to be. */
static unsigned
flags_of(const struct batch_item *item)
{
    return item->again || item->tried ? FRAME_AGAIN : 0;
}

/* One frame for each run of wanted items of a project. */
static uint32_t
fill_frames(struct fallback *f, const struct batch_item *items, size_t count)
{
    uint32_t rows = 0;

    for (size_t i = 0; i < count;) {
        size_t n = 0;

        for (size_t bytes = 0; i + n < count && is_wanted(&items[i + n]) &&
                               items[i + n].project == items[i].project &&
                               flags_of(&items[i + n]) == flags_of(&items[i]) &&
                               (n == 0 || bytes + items[i + n].bytes.n <= RUN_MAX_BYTES);
             n++)
            bytes += items[i + n].bytes.n;
        if (n > 0) {
            size_t at = frame_begin(&f->frames, FRAME_SUBMIT, 0);
            frame_submission_head(&f->frames, items[i].project, flags_of(&items[i]), n);
            for (size_t j = i; j < i + n; j++)
                buf_add_str(&f->frames, items[j].bytes);
            frame_end(&f->frames, at);
        }
        rows += (uint32_t)n;
        i += n > 0 ? n : 1;
    }
    return rows;
}

void
fallback_run(struct fallback *f, struct batch_item *items, size_t count, struct error *e)
{
    int64_t now_ms = clock_now_ms();
    uint32_t rows;

    *e = (struct error){.kind = ERROR_NONE};
    if (!spool_is_configured(f->spool)) {
        error_set(e, ERROR_UNAVAILABLE, "database unavailable");
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (items[i].verdict.status == VERDICT_UNAVAILABLE && !items[i].admitted)
            admit(f, &items[i], now_ms);
    rows = fill_frames(f, items, count);
    if (f->frames.failed) {
        error_no_memory(e);
    } else if (rows > 0 &&
               spool_put(f->spool, buf_str(&f->frames), rows, clock_wall_us(), e) == 0) {
        for (size_t i = 0; i < count; i++)
            if (is_wanted(&items[i]))
                items[i].verdict.status = VERDICT_STORED;
    }
    if (e->kind != ERROR_NONE)
        log_error(LOG_LEVEL_ERROR, LOG_SPOOL_REFUSES, e, "events", rows);
    buf_clear(&f->frames, KEEP_BYTES);
}
