#include "writer/commit_queue.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "store/tally.h"
#include "writer/commit_queue_state.h"
#include "writer/questions.h"

#define KEY_SETS 1024U

struct group *
group_new(const struct group_settings *settings)
{
    struct group *g = calloc(1, sizeof *g);
    uint64_t seed = 0;

    if (g == NULL)
        return NULL;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_wall_us();
    g->settings = *settings;
    g->submissions.end = &g->submissions.first;
    g->questions.end = &g->questions.first;
    g->batch = batch_new(settings->db, fallback_windows(settings->fallback),
                         settings->poison_dir);
    g->keys = keycache_new(KEY_SETS, KEYCACHE_TTL_MS, seed);
    g->database_seen_ms = INT64_MIN / 2;
    if (g->batch == NULL || g->keys == NULL) {
        group_free(g);
        return NULL;
    }
    return g;
}

void
group_free(struct group *g)
{
    struct waiting *w;

    if (g == NULL)
        return;
    while ((w = waiting_pop(&g->submissions)) != NULL ||
           (w = waiting_pop(&g->questions)) != NULL)
        waiting_free(w);
    keycache_free(g->keys);
    batch_free(g->batch);
    free(g);
}

bool
group_has_work(const struct group *g)
{
    return g->submissions.first != NULL || g->questions.first != NULL;
}

bool
group_is_full(const struct group *g)
{
    return g->bytes >= 2 * g->settings.max_bytes;
}

/* A project known to be over its limit is refused without the database. */
static bool
refuse_early(struct group *g, struct client *from, const struct frame *f,
             const struct frame_submission *s)
{
    int64_t retry_ms = 0;

    if ((s->flags & (FRAME_AGAIN | FRAME_RECORDS)) != 0 ||
        !verdict_refused(&g->refused, s->project, clock_now_ms(), &retry_ms))
        return false;
    for (size_t i = 0; i < s->count; i++)
        g->verdicts[i] = (struct verdict){VERDICT_LIMITED, (uint32_t)retry_ms};
    frame_verdicts(client_out(from), f->tag, g->verdicts, s->count);
    client_flush(from);
    return true;
}

static int
take_submission(struct group *g, struct client *from, const struct frame *f,
                struct error *e)
{
    struct frame_submission s, copy;
    struct waiting *w;
    struct frame_item item;

    if (frame_parse_submission(f->body, &s, e) != 0)
        return -1;
    if (refuse_early(g, from, f, &s))
        return 0;
    w = waiting_new(from, f, f->body.n, e);
    if (w == NULL)
        return -1;
    /* All of it is checked here, so that the batch cannot fail on it later. */
    if (frame_parse_submission((struct str){w->body, w->bytes}, &w->submission, e) != 0) {
        waiting_free(w);
        return -1;
    }
    copy = w->submission;
    for (size_t i = 0; i < copy.count; i++)
        if (frame_next_item(&copy, &item, e) != 0) {
            waiting_free(w);
            return -1;
        }
    if (copy.items.n != 0) {
        waiting_free(w);
        return error_set(e, ERROR_MALFORMED, "frame: bytes after the last item");
    }
    g->bytes += w->bytes;
    waiting_push(&g->submissions, w);
    return 0;
}

static int
take_attach(struct group *g, struct client *from, const struct frame *f, struct error *e)
{
    enum frame_attached state;
    int64_t project;
    unsigned flags;

    if (frame_parse_attach(f->body, &project, &flags, e) != 0)
        return -1;
    state = client_attach(from, project, g->settings.ws_max_project, g->settings.ws_max,
                          (flags & FRAME_AGAIN) != 0);
    frame_attached(client_out(from), f->tag, state);
    client_flush(from);
    return 0;
}

int
group_take(struct group *g, struct client *from, const struct frame *f, struct error *e)
{
    switch (f->type) {
    case FRAME_LOOKUP:
    case FRAME_STATUS:
    case FRAME_ORIGINS:
        return questions_take(g, from, f, e);
    case FRAME_SUBMIT:
        return take_submission(g, from, f, e);
    case FRAME_ATTACH:
        return take_attach(g, from, f, e);
    case FRAME_OUTCOMES:
        return frame_parse_outcomes(f->body, &g->outcomes, e);
    case FRAME_KEY:
    case FRAME_VERDICTS:
    case FRAME_STATE:
    case FRAME_ATTACHED:
    case FRAME_ALLOWED:
        break;
    }
    return error_set(e, ERROR_MALFORMED, "frame: type %u", (unsigned)f->type);
}

void
group_saw_database(struct group *g, bool ok)
{
    g->database_ok = ok;
    g->database_seen_ms = clock_now_ms();
}

void
group_set_deadline(struct group *g)
{
    db_set_deadline(g->settings.db, clock_now_ms() + g->settings.store_timeout_ms);
}

bool
group_is_down(const struct group *g)
{
    return g->down;
}

void
group_set_down(struct group *g, const struct error *why)
{
    group_saw_database(g, false);
    if (!g->down)
        log_error(LOG_LEVEL_ERROR, LOG_SPOOLED, why, NULL, 0);
    g->down = true;
}

void
group_set_up(struct group *g)
{
    struct error e;

    if (!g->down)
        return;
    if (batch_settle(g->batch, clock_now_ms(), &e) != 0) {
        log_error(LOG_LEVEL_ERROR, LOG_DATABASE_LOST, &e, NULL, 0);
        return;
    }
    group_saw_database(g, true);
    g->down = false;
    log_write(LOG_LEVEL_INFO, LOG_DATABASE_BACK, NULL, 0);
}

int64_t
group_tally_at_ms(const struct group *g)
{
    return g->down || g->outcomes.count == 0 ? INT64_MAX : g->tally_at_ms;
}

void
group_tally(struct group *g)
{
    struct error e;

    group_set_deadline(g);
    if (tally_store(g->settings.db, &g->outcomes, &e) != 0)
        group_set_down(g, &e);
    g->tally_at_ms = clock_now_ms() + TALLY_MS;
    db_set_deadline(g->settings.db, INT64_MAX);
}

bool
group_wants_keys(struct group *g)
{
    bool wants = g->wants_keys;

    g->wants_keys = false;
    return wants;
}

struct batch *
group_batch(struct group *g)
{
    return g->batch;
}

struct fallback *
group_fallback(struct group *g)
{
    return g->settings.fallback;
}

/* Cuts the next batch off the queue, at least one submission, but only of those that came
 * before `before_ms`. */
static size_t
fill_items(struct group *g, struct batch_item *items, int64_t before_ms,
           struct waiting **taken)
{
    size_t count = 0, bytes = 0;
    struct waiting **end = taken;

    *taken = NULL;
    while (g->submissions.first != NULL && g->submissions.first->at_ms < before_ms) {
        struct waiting *w = g->submissions.first;

        if (count > 0 && (count + w->submission.count > g->settings.max_events ||
                          count + w->submission.count > FRAME_MAX_ITEMS ||
                          bytes + w->bytes > g->settings.max_bytes))
            break;
        count += item_take(&w->submission, items + count);
        bytes += w->bytes;
        (void)waiting_pop(&g->submissions);
        w->next = NULL;
        *end = w;
        end = &w->next;
    }
    return count;
}

static void
answer_submissions(struct group *g, struct waiting *taken, const struct batch_item *items,
                   int64_t asked_ms)
{
    int64_t now_ms = clock_now_ms();

    while (taken != NULL) {
        struct waiting *w = taken;

        for (size_t i = 0; i < w->submission.count; i++) {
            const struct verdict *v = &items[i].verdict;

            g->verdicts[i] = *v;
            if (v->status == VERDICT_LIMITED && items[i].what.kind != FRAME_ITEM_RECORD)
                verdict_put(&g->refused, w->submission.project, asked_ms, now_ms,
                            v->retry_ms);
        }
        items += w->submission.count;
        frame_verdicts(client_out(w->from), w->tag, g->verdicts, w->submission.count);
        client_flush(w->from);
        taken = w->next;
        g->bytes -= w->bytes;
        waiting_free(w);
    }
}

/* What has no verdict goes to the spool. */
static void
spool_rest(struct group *g, struct batch_item *items, size_t count)
{
    struct error e;

    for (size_t i = 0; i < count; i++)
        if (items[i].verdict.status == VERDICT_UNAVAILABLE) {
            fallback_run(g->settings.fallback, items, count, &e);
            return;
        }
}

void
group_run(struct group *g)
{
    struct waiting *taken;
    int64_t asked_ms = clock_now_ms();
    size_t count;

    questions_run(g);
    count = fill_items(g, g->items, INT64_MAX, &taken);
    if (count > 0 && !g->down) {
        struct error e;

        group_set_deadline(g);
        batch_run(g->batch, g->items, count, clock_wall_us(), &e);
        if (e.kind == ERROR_NONE)
            group_saw_database(g, true);
        else
            group_set_down(g, &e);
    }
    db_set_deadline(g->settings.db, INT64_MAX);
    if (count == 0)
        return;
    spool_rest(g, g->items, count);
    CRASH_POINT("before-verdicts");
    answer_submissions(g, taken, g->items, asked_ms);
}

void
group_relieve(struct group *g)
{
    int64_t now_ms = clock_now_ms();
    int64_t before_ms = g->down ? INT64_MAX : now_ms - g->settings.store_timeout_ms;
    struct waiting *taken;
    size_t count;

    questions_relieve(g, before_ms);
    while ((count = fill_items(g, g->relieved, before_ms, &taken)) > 0) {
        spool_rest(g, g->relieved, count);
        answer_submissions(g, taken, g->relieved, now_ms);
    }
}
