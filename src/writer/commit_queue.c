#include "writer/commit_queue.h"

#include <stdlib.h>
#include <sys/random.h>

#include "admit/keycache.h"
#include "admit/limited.h"
#include "admit/origins.h"
#include "admit/scrubbing.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "store/batch.h"
#include "store/keys.h"
#include "store/tally.h"
#include "wire/frame.h"
#include "writer/turns.h"
#include "writer/waiting.h"

struct commit_queue {
    struct commit_queue_settings settings;
    struct batch *batch;
    struct keycache *keys;
    struct limited_table refused;
    struct turns *submissions;
    struct waiting_queue questions;
    size_t bytes;
    bool database_ok;
    int64_t database_seen_ms;
    bool down;       /* the database is away: it is not asked here */
    bool wants_keys; /* the key file lacks one */
    struct batch_entry items[FRAME_MAX_ITEMS];
    struct batch_entry relieved[FRAME_MAX_ITEMS]; /* while items are in the database */
    struct verdict verdicts[FRAME_MAX_ITEMS];
    struct outcomes outcomes; /* of responders, to be reported to the database */
    int64_t tally_at_ms;
};

/* Records whether the database answered. */
static void
saw_database(struct commit_queue *g, bool ok)
{
    g->database_ok = ok;
    g->database_seen_ms = clock_now_ms();
}

static void
set_deadline(struct commit_queue *g)
{
    db_set_deadline(g->settings.db, clock_now_ms() + g->settings.store_timeout_ms);
}

#define STATE_TTL_MS 1000

static enum key_state
cached_key(const struct commit_queue *g, const struct key *k, int64_t *project)
{
    switch (keycache_get(g->keys, k, clock_now_ms(), project)) {
    case KEYCACHE_GOOD:
        return KEY_STATE_GOOD;
    case KEYCACHE_REVOKED:
        return KEY_STATE_REVOKED;
    case KEYCACHE_UNKNOWN:
        return KEY_STATE_UNKNOWN;
    case KEYCACHE_ABSENT:
        break;
    }
    return KEY_STATE_UNAVAILABLE;
}

static int
take_lookup(struct commit_queue *g, struct client *from, const struct frame *f,
            struct error *e)
{
    struct waiting *w;
    struct key key;
    int64_t project = 0;
    enum key_state state;

    if (frame_parse_lookup(f->body, &key, e) != 0)
        return -1;
    state = cached_key(g, &key, &project);
    if (state != KEY_STATE_UNAVAILABLE) {
        frame_key(client_out(from), f->tag, state, project);
        client_flush(from);
        return 0;
    }
    w = waiting_new(from, f, 0, e);
    if (w == NULL)
        return -1;
    w->key = key;
    waiting_push(&g->questions, w);
    return 0;
}

static int
take_status(struct commit_queue *g, struct client *from, const struct frame *f,
            struct error *e)
{
    struct waiting *w;

    if (clock_now_ms() - g->database_seen_ms < STATE_TTL_MS) {
        frame_state(client_out(from), f->tag, g->database_ok);
        client_flush(from);
        return 0;
    }
    w = waiting_new(from, f, 0, e);
    if (w == NULL)
        return -1;
    waiting_push(&g->questions, w);
    return 0;
}

/* A project's settings: origins, scrubbing. */
static int
take_setting(struct commit_queue *g, struct client *from, const struct frame *f,
             struct error *e)
{
    struct waiting *w;
    int64_t project;

    if (f->type == FRAME_ORIGINS ? frame_parse_origins(f->body, &project, e) != 0
                                 : frame_parse_scrub(f->body, &project, e) != 0)
        return -1;
    w = waiting_new(from, f, 0, e);
    if (w == NULL)
        return -1;
    w->project = project;
    waiting_push(&g->questions, w);
    return 0;
}

static int
take_question(struct commit_queue *g, struct client *from, const struct frame *f,
              struct error *e)
{
    if (f->type == FRAME_LOOKUP)
        return take_lookup(g, from, f, e);
    if (f->type == FRAME_ORIGINS || f->type == FRAME_SCRUB)
        return take_setting(g, from, f, e);
    return take_status(g, from, f, e);
}

static int
ask_key(struct commit_queue *g, const struct key *k, enum key_state *state,
        int64_t *project)
{
    static const enum keycache_state states[] = {[KEY_STATE_UNKNOWN] = KEYCACHE_UNKNOWN,
                                                 [KEY_STATE_REVOKED] = KEYCACHE_REVOKED,
                                                 [KEY_STATE_GOOD] = KEYCACHE_GOOD};
    struct error e;

    set_deadline(g);
    if (keys_find(g->settings.db, k, state, project, &e) != 0) {
        commit_queue_saw_failure(g, &e);
        return -1;
    }
    saw_database(g, true);
    keycache_put(g->keys, k, clock_now_ms(), states[*state], *project);
    if (*state == KEY_STATE_GOOD && !fallback_knows_key(g->settings.fallback, k))
        g->wants_keys = true;
    return 0;
}

/* may_ask: the database, unless it is known to be away. */
static void
answer_lookup(struct commit_queue *g, const struct waiting *w, bool may_ask)
{
    int64_t project = 0;
    enum key_state state = cached_key(g, &w->key, &project);
    struct error ignored;

    if (state == KEY_STATE_UNAVAILABLE &&
        (!may_ask || g->down || ask_key(g, &w->key, &state, &project) != 0)) {
        bool found = fallback_key(g->settings.fallback, &w->key, &project, &ignored) == 0;

        state = found ? KEY_STATE_GOOD : KEY_STATE_UNAVAILABLE;
    }
    frame_key(client_out(w->from), w->tag, state, project);
}

static void
answer_state(struct commit_queue *g, const struct waiting *w, bool may_ask)
{
    struct error e;

    if (may_ask && !g->down && clock_now_ms() - g->database_seen_ms >= STATE_TTL_MS) {
        set_deadline(g);
        if (db_run(g->settings.db, STATEMENT_PING, NULL, 0, NULL, &e) == 0)
            saw_database(g, true);
        else
            commit_queue_saw_failure(g, &e);
    }
    frame_state(client_out(w->from), w->tag, g->database_ok);
}

/* A project's settings; unknown while the database is away. */
static void
answer_setting(struct commit_queue *g, const struct waiting *w, bool may_ask)
{
    bool origins = w->type == FRAME_ORIGINS, known = false;
    char text[SCRUBBING_MAX_BYTES];
    struct error e;
    size_t n = 0;

    _Static_assert(sizeof text >= ORIGINS_MAX_BYTES, "a text of either has room");
    if (may_ask && !g->down) {
        set_deadline(g);
        known = (origins ? keys_origins(g->settings.db, w->project, text, &n, &e)
                         : keys_scrubbing(g->settings.db, w->project, text, &n, &e)) == 0;
    }
    (origins ? frame_allowed : frame_scrubbing)(client_out(w->from), w->tag, known,
                                                (struct str){text, known ? n : 0});
}

static void
answer_question(struct commit_queue *g, struct waiting *w, bool may_ask)
{
    if (w->type == FRAME_LOOKUP)
        answer_lookup(g, w, may_ask);
    else if (w->type == FRAME_ORIGINS || w->type == FRAME_SCRUB)
        answer_setting(g, w, may_ask);
    else
        answer_state(g, w, may_ask);
    client_flush(w->from);
    waiting_free(w);
}

static void
answer_questions(struct commit_queue *g)
{
    struct waiting_queue taken = g->questions;
    struct waiting *w;

    if (taken.first == NULL)
        return;
    g->questions.first = NULL;
    g->questions.end = &g->questions.first;
    while ((w = waiting_pop(&taken)) != NULL)
        answer_question(g, w, true);
}

static void
relieve_questions(struct commit_queue *g, int64_t before_ms)
{
    while (g->questions.first != NULL && g->questions.first->at_ms < before_ms)
        answer_question(g, waiting_pop(&g->questions), false);
}

#define KEY_SETS 1024U

/* Limit of the queue: one project's queue must not stop the others from being read. */
#define QUEUE_BYTES ((size_t)32 * 1024 * 1024)

struct commit_queue *
commit_queue_new(const struct commit_queue_settings *settings)
{
    struct commit_queue *g = calloc(1, sizeof *g);
    uint64_t seed = 0;

    if (g == NULL)
        return NULL;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)clock_wall_us();
    g->settings = *settings;
    g->submissions = turns_new();
    g->questions.end = &g->questions.first;
    g->batch = batch_new(settings->db, fallback_windows(settings->fallback),
                         settings->poison_dir);
    g->keys = keycache_new(KEY_SETS, KEYCACHE_TTL_MS, seed);
    g->database_seen_ms = INT64_MIN / 2;
    if (g->batch == NULL || g->keys == NULL || g->submissions == NULL) {
        commit_queue_free(g);
        return NULL;
    }
    return g;
}

void
commit_queue_free(struct commit_queue *g)
{
    struct waiting *w;

    if (g == NULL)
        return;
    while ((w = waiting_pop(&g->questions)) != NULL)
        waiting_free(w);
    turns_free(g->submissions);
    keycache_free(g->keys);
    batch_free(g->batch);
    free(g);
}

bool
commit_queue_has_work(const struct commit_queue *g)
{
    return !turns_is_empty(g->submissions) || g->questions.first != NULL;
}

bool
commit_queue_is_full(const struct commit_queue *g)
{
    return g->bytes >= QUEUE_BYTES;
}

/* Refuses a project known to be over its limit without the database. */
static bool
refuse_early(struct commit_queue *g, struct client *from, const struct frame *f,
             const struct frame_submission *s)
{
    int64_t retry_ms = 0;

    if ((s->flags & (FRAME_AGAIN | FRAME_RECORDS)) != 0 ||
        !limited_is(&g->refused, s->project, clock_now_ms(), &retry_ms))
        return false;
    for (size_t i = 0; i < s->count; i++)
        g->verdicts[i] = (struct verdict){VERDICT_LIMITED, (uint32_t)retry_ms};
    frame_verdicts(client_out(from), f->tag, g->verdicts, s->count);
    client_flush(from);
    return true;
}

static int
take_submission(struct commit_queue *g, struct client *from, const struct frame *f,
                struct error *e)
{
    struct frame_submission s;
    struct waiting *w;

    if (frame_parse_submission(f->body, &s, e) != 0)
        return -1;
    if (refuse_early(g, from, f, &s))
        return 0;
    w = waiting_new(from, f, f->body.n, e);
    if (w == NULL)
        return -1;
    /* Everything is checked here, so that the batch cannot fail on it later. */
    if (frame_parse_submission((struct str){w->body, w->bytes}, &w->submission, e) != 0 ||
        frame_check_items(&w->submission, e) != 0) {
        waiting_free(w);
        return -1;
    }
    if (turns_push(g->submissions, w, e) != 0) {
        waiting_free(w);
        return -1;
    }
    g->bytes += w->bytes;
    return 0;
}

static int
take_attach(struct commit_queue *g, struct client *from, const struct frame *f,
            struct error *e)
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
commit_queue_take(struct commit_queue *g, struct client *from, const struct frame *f,
                  struct error *e)
{
    switch (f->type) {
    case FRAME_LOOKUP:
    case FRAME_STATUS:
    case FRAME_ORIGINS:
    case FRAME_SCRUB:
        return take_question(g, from, f, e);
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
    case FRAME_SCRUBBING:
        break;
    }
    return error_set(e, ERROR_MALFORMED, "frame: type %u", (unsigned)f->type);
}

bool
commit_queue_is_down(const struct commit_queue *g)
{
    return g->down;
}

void
commit_queue_set_down(struct commit_queue *g, const struct error *why)
{
    saw_database(g, false);
    if (!g->down)
        log_error(LOG_LEVEL_ERROR, LOG_SPOOLED, why, NULL, 0);
    g->down = true;
}

void
commit_queue_saw_failure(struct commit_queue *g, const struct error *why)
{
    if (why->kind == ERROR_POISON)
        log_error(LOG_LEVEL_ERROR, LOG_POISON, why, NULL, 0);
    else
        commit_queue_set_down(g, why);
}

void
commit_queue_set_up(struct commit_queue *g)
{
    struct error e;

    if (!g->down)
        return;
    if (batch_settle(g->batch, clock_now_ms(), &e) != 0) {
        log_error(LOG_LEVEL_ERROR, LOG_DATABASE_LOST, &e, NULL, 0);
        return;
    }
    saw_database(g, true);
    g->down = false;
    log_write(LOG_LEVEL_INFO, LOG_DATABASE_BACK, NULL, 0);
}

int64_t
commit_queue_tally_at_ms(const struct commit_queue *g)
{
    return g->down || g->outcomes.count == 0 ? INT64_MAX : g->tally_at_ms;
}

void
commit_queue_tally(struct commit_queue *g)
{
    struct error e;

    set_deadline(g);
    if (tally_store(g->settings.db, &g->outcomes, &e) != 0)
        commit_queue_saw_failure(g, &e);
    g->tally_at_ms = clock_now_ms() + TALLY_MS;
    db_set_deadline(g->settings.db, INT64_MAX);
}

bool
commit_queue_wants_keys(struct commit_queue *g)
{
    bool wants = g->wants_keys;

    g->wants_keys = false;
    return wants;
}

struct batch *
commit_queue_batch(struct commit_queue *g)
{
    return g->batch;
}

struct fallback *
commit_queue_fallback(struct commit_queue *g)
{
    return g->settings.fallback;
}

/* Fills the next batch, each project in its turn, with at least one submission, but only
 * those that arrived before `before_ms`. */
static size_t
fill_items(struct commit_queue *g, struct batch_entry *items, int64_t before_ms,
           struct waiting **taken)
{
    size_t count = 0, bytes = 0;
    struct waiting **end = taken, *w;

    *taken = NULL;
    while ((w = turns_next(g->submissions, before_ms)) != NULL) {
        if (count > 0 && (count + w->submission.count > g->settings.max_events ||
                          count + w->submission.count > FRAME_MAX_ITEMS ||
                          bytes + w->bytes > g->settings.max_bytes))
            break;
        count += batch_entry_take(&w->submission, items + count);
        bytes += w->bytes;
        turns_pop(g->submissions);
        w->next = NULL;
        *end = w;
        end = &w->next;
    }
    return count;
}

static void
answer_submissions(struct commit_queue *g, struct waiting *taken,
                   const struct batch_entry *items, int64_t asked_ms)
{
    int64_t now_ms = clock_now_ms();

    while (taken != NULL) {
        struct waiting *w = taken;

        for (size_t i = 0; i < w->submission.count; i++) {
            const struct verdict *v = &items[i].verdict;

            g->verdicts[i] = *v;
            if (v->status == VERDICT_LIMITED && items[i].what.kind != FRAME_ITEM_RECORD)
                limited_put(&g->refused, w->submission.project, asked_ms, now_ms,
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

/* Spools the items without a verdict. */
static void
spool_rest(struct commit_queue *g, struct batch_entry *items, size_t count)
{
    struct error e;

    for (size_t i = 0; i < count; i++)
        if (items[i].verdict.status == VERDICT_UNAVAILABLE) {
            fallback_run(g->settings.fallback, items, count, &e);
            return;
        }
}

void
commit_queue_run(struct commit_queue *g)
{
    struct waiting *taken;
    int64_t asked_ms = clock_now_ms();
    size_t count;

    answer_questions(g);
    count = fill_items(g, g->items, INT64_MAX, &taken);
    if (count > 0 && !g->down) {
        struct error e;

        set_deadline(g);
        batch_run(g->batch, g->items, count, clock_wall_us(), &e);
        if (e.kind == ERROR_NONE)
            saw_database(g, true);
        else
            commit_queue_saw_failure(g, &e);
    }
    db_set_deadline(g->settings.db, INT64_MAX);
    if (count == 0)
        return;
    spool_rest(g, g->items, count);
    CRASH_POINT("before-verdicts");
    answer_submissions(g, taken, g->items, asked_ms);
}

void
commit_queue_relieve(struct commit_queue *g)
{
    int64_t now_ms = clock_now_ms();
    int64_t before_ms = g->down ? INT64_MAX : now_ms - g->settings.store_timeout_ms;
    struct waiting *taken;
    size_t count;

    relieve_questions(g, before_ms);
    while ((count = fill_items(g, g->relieved, before_ms, &taken)) > 0) {
        spool_rest(g, g->relieved, count);
        answer_submissions(g, taken, g->relieved, now_ms);
    }
}
