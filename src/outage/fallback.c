#include "outage/fallback.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "outage/keyfile.h"
#include "store/tally.h"

#define KEEP_BYTES ((size_t)64 * 1024)

/* A batch, with a header for each of its items; and one frame of it, which must stay
 * below FRAME_MAX_BYTES with its header. */
#define FRAMES_MAX_BYTES (2 * FRAME_MAX_BYTES)
#define RUN_MAX_BYTES (FRAME_MAX_BYTES / 4)

/* Longer than any outage; and the retry time of a project without a share left. */
#define SHARE_MS (INT64_C(1000) * 86400 * 366)
#define SHARE_RETRY_MS 60000

struct fallback {
    struct fallback_settings settings;
    struct windows windows;       /* the shared ones, or our own */
    struct shared *shared;        /* NULL: not shared */
    struct window_table *spooled; /* bytes of each project since the spool was empty */
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
    f->windows = (struct windows){window_new(), window_new()};
    f->spooled = window_new();
    f->spool = spool_new(&settings->spool);
    if (f->spooled == NULL || f->windows.units == NULL || f->windows.bytes == NULL ||
        f->spool == NULL) {
        fallback_free(f);
        return NULL;
    }
    return f;
}

static void
free_windows(struct fallback *f)
{
    window_free(f->windows.units);
    window_free(f->windows.bytes);
}

void
fallback_free(struct fallback *f)
{
    if (f == NULL)
        return;
    if (f->shared == NULL)
        free_windows(f);
    window_free(f->spooled);
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
    free_windows(f);
    f->shared = shared;
    f->windows = shared_windows(shared);
    return 0;
}

struct shared *
fallback_shared(struct fallback *f)
{
    return f->shared;
}

struct windows
fallback_windows(struct fallback *f)
{
    return f->windows;
}

struct spool *
fallback_spool(struct fallback *f)
{
    return f->spool;
}

/* Records have a window of their own, as in the database. */
static int64_t
records_limit(int64_t rate_limit)
{
    return rate_limit == 0 ? 0 : rate_limit * 10 + 1000;
}

/* Sets the limits of a project's three windows with one of window_…_limit(). */
static void
set_limits(struct windows w, int64_t project, const struct keys_limits *limits,
           void (*set)(struct window_table *t, int64_t project, int64_t limit,
                       int64_t length_ms))
{
    int64_t length_ms = limits->rate_window_s * 1000;

    set(w.units, project, limits->rate_limit, length_ms);
    set(w.units, -project, records_limit(limits->rate_limit), length_ms);
    set(w.bytes, project, limits->byte_limit, length_ms);
}

void
fallback_set_limit(struct fallback *f, int64_t project, const struct keys_limits *limits)
{
    set_limits(f->windows, project, limits, window_set_limit);
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
    fallback_set_limit(f, entry.project, &entry.limits);
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

/* The key file has the limits of every project in it; later answers of the database take
 * precedence. */
static void
learn_limit(struct fallback *f, int64_t payer)
{
    int64_t project = payer < 0 ? -payer : payer;
    struct keyfile_entry entry;
    struct error ignored;

    if (keyfile_find_project(f->settings.spool.dir, project, &entry, &ignored) != 0)
        entry.limits = f->settings.limits;
    set_limits(f->windows, project, &entry.limits, window_suppose_limit);
}

/* Units that the items take from the window of their project, or of its records. */
static int64_t
units_of(const struct batch_entry *items, size_t count, bool records)
{
    int64_t units = 0;

    for (size_t i = 0; i < count; i++)
        units += (batch_entry_payer(&items[i]) < 0) == records;
    return units;
}

static int64_t
bytes_of(const struct batch_entry *items, size_t count)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        bytes += batch_entry_bytes(&items[i]);
    return bytes;
}

/* Takes from all three windows of the project, or from none. */
static bool
take_early(struct windows w, int64_t project, int64_t events, int64_t records,
           int64_t bytes)
{
    int64_t now_ms = clock_now_ms();

    if (!window_take_early(w.units, project, now_ms, events))
        return false;
    if (window_take_early(w.units, -project, now_ms, records)) {
        if (window_take_early(w.bytes, project, now_ms, bytes))
            return true;
        window_give(w.units, -project, records);
    }
    window_give(w.units, project, events);
    return false;
}

bool
fallback_admit_early(struct fallback *f, struct batch_entry *items, size_t count)
{
    int64_t events = units_of(items, count, false);

    if (!take_early(f->windows, items[0].project, events, (int64_t)count - events,
                    bytes_of(items, count)))
        return false;
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

/* With windows closed and all units reported, the database grants exactly the units that
 * are left. */
static int
admit_alone(struct fallback *f, struct batch *b, struct batch_entry *items, size_t count,
            struct error *e)
{
    if (units_of(items, count, false) > 0)
        window_close(f->windows.units, items[0].project);
    if (units_of(items, count, true) > 0)
        window_close(f->windows.units, -items[0].project);
    window_close(f->windows.bytes, items[0].project);
    if (batch_settle(b, clock_now_ms(), e) != 0)
        return -1;
    return batch_admit(b, items, count, e);
}

int
fallback_admit(struct fallback *f, struct batch *b, struct batch_entry *items,
               size_t count, int64_t deadline_ms, struct error *e)
{
    int rc = -1;

    if (!shared_lock_settling(f->shared, deadline_ms) ||
        shared_is_away(f->shared, clock_now_ms())) {
        error_set(e, ERROR_UNAVAILABLE, "database unavailable");
        error_detail(e, "another process of this host is waiting for its answer");
    } else {
        rc = admit_alone(f, b, items, count, e);
    }
    shared_unlock_settling(f->shared);
    return rc;
}

/* Returns whether the project may use these bytes of the spool as well.  One project
 * alone must not fill it: half of it is reserved for the others until it has been empty
 * again. */
static bool
has_share(struct fallback *f, const struct batch_entry *item, int64_t now_ms,
          int64_t *retry_ms)
{
    if (!window_is_known(f->spooled, item->project))
        window_set_limit(f->spooled, item->project, f->settings.spool.max_bytes / 2,
                         SHARE_MS);
    if (window_take(f->spooled, item->project, now_ms, batch_entry_bytes(item), retry_ms))
        return true;
    *retry_ms = SHARE_RETRY_MS;
    return false;
}

static void
admit(struct fallback *f, struct batch_entry *item, int64_t now_ms)
{
    int64_t payer = batch_entry_payer(item), retry_ms = 0;

    if (!window_is_known(f->windows.units, payer) ||
        !window_is_known(f->windows.bytes, item->project))
        learn_limit(f, payer);
    if (window_take(f->windows.units, payer, now_ms, 1, &retry_ms)) {
        item->admitted = window_take(f->windows.bytes, item->project, now_ms,
                                     batch_entry_bytes(item), &retry_ms) &&
                         has_share(f, item, now_ms, &retry_ms);
        if (!item->admitted)
            window_give(f->windows.units, payer, 1);
    }
    if (!item->admitted)
        item->verdict = (struct verdict){VERDICT_LIMITED, (uint32_t)retry_ms};
    else if (item->what.kind == FRAME_ITEM_CHARGE)
        item->verdict.status = VERDICT_STORED;
}

static bool
is_wanted(const struct batch_entry *item)
{
    return item->what.kind != FRAME_ITEM_CHARGE &&
           item->verdict.status == VERDICT_UNAVAILABLE;
}

/* An item that may be stored already is no duplicate if it turns out to be. */
static unsigned
flags_of(const struct batch_entry *item)
{
    return item->again || item->tried ? FRAME_AGAIN : 0;
}

/* Writes one frame for each run of wanted items of a project. */
static uint32_t
fill_frames(struct fallback *f, const struct batch_entry *items, size_t count)
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
fallback_run(struct fallback *f, struct batch_entry *items, size_t count, struct error *e)
{
    int64_t now_ms = clock_now_ms();
    uint32_t rows;

    *e = (struct error){.kind = ERROR_NONE};
    if (!spool_is_configured(f->spool)) {
        error_set(e, ERROR_UNAVAILABLE, "database unavailable");
        return;
    }
    if (!fallback_is_waiting(f))
        window_clear(f->spooled);
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
