#include "writer/group.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "admit/keycache.h"
#include "admit/origins.h"
#include "admit/verdict.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/keys.h"

#define KEY_SETS 1024U
#define STATE_TTL_MS 1000

/* One frame that waits; the bytes of a submission follow. */
struct waiting {
    struct waiting *next;
    struct client *from;
    uint32_t tag;
    enum frame_type type;
    struct key key;
    int64_t project; /* of a question for origins */
    struct frame_submission submission;
    size_t bytes;
    char body[];
};

struct queue {
    struct waiting *first, **end;
};

struct group {
    struct group_settings settings;
    struct batch *batch;
    struct keycache *keys;
    struct verdict_table refused;
    struct queue submissions, questions;
    size_t bytes;
    bool database_ok;
    int64_t database_seen_ms;
    struct batch_item items[FRAME_MAX_ITEMS];
    struct verdict verdicts[FRAME_MAX_ITEMS];
};

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
    g->batch = batch_new(settings->db, settings->poison_dir);
    g->keys = keycache_new(KEY_SETS, KEYCACHE_TTL_MS, seed);
    g->database_seen_ms = INT64_MIN / 2;
    if (g->batch == NULL || g->keys == NULL) {
        group_free(g);
        return NULL;
    }
    return g;
}

static void
push(struct queue *q, struct waiting *w)
{
    *q->end = w;
    q->end = &w->next;
}

static struct waiting *
pop(struct queue *q)
{
    struct waiting *w = q->first;

    if (w == NULL)
        return NULL;
    q->first = w->next;
    if (q->first == NULL)
        q->end = &q->first;
    return w;
}

static void
forget(struct waiting *w)
{
    client_release(w->from);
    free(w);
}

void
group_free(struct group *g)
{
    struct waiting *w;

    if (g == NULL)
        return;
    while ((w = pop(&g->submissions)) != NULL || (w = pop(&g->questions)) != NULL)
        forget(w);
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

static struct waiting *
waiting_new(struct client *from, const struct frame *f, size_t bytes, struct error *e)
{
    struct waiting *w = malloc(sizeof *w + bytes);

    if (w == NULL) {
        (void)error_set(e, ERROR_UNAVAILABLE, "out of memory");
        return NULL;
    }
    *w = (struct waiting){.from = from, .tag = f->tag, .type = f->type, .bytes = bytes};
    if (bytes > 0)
        (void)memcpy(w->body, f->body.p, bytes);
    client_hold(from);
    return w;
}

static enum key_state
cached_key(const struct group *g, const struct key *k, int64_t *project)
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
take_lookup(struct group *g, struct client *from, const struct frame *f, struct error *e)
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
    push(&g->questions, w);
    return 0;
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
        forget(w);
        return -1;
    }
    copy = w->submission;
    for (size_t i = 0; i < copy.count; i++)
        if (frame_next_item(&copy, &item, e) != 0) {
            forget(w);
            return -1;
        }
    if (copy.items.n != 0) {
        forget(w);
        return error_set(e, ERROR_MALFORMED, "frame: bytes after the last item");
    }
    g->bytes += w->bytes;
    push(&g->submissions, w);
    return 0;
}

static int
take_status(struct group *g, struct client *from, const struct frame *f, struct error *e)
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
    push(&g->questions, w);
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

static int
take_origins(struct group *g, struct client *from, const struct frame *f, struct error *e)
{
    struct waiting *w;
    int64_t project;

    if (frame_parse_origins(f->body, &project, e) != 0)
        return -1;
    w = waiting_new(from, f, 0, e);
    if (w == NULL)
        return -1;
    w->project = project;
    push(&g->questions, w);
    return 0;
}

int
group_take(struct group *g, struct client *from, const struct frame *f, struct error *e)
{
    switch (f->type) {
    case FRAME_LOOKUP:
        return take_lookup(g, from, f, e);
    case FRAME_SUBMIT:
        return take_submission(g, from, f, e);
    case FRAME_STATUS:
        return take_status(g, from, f, e);
    case FRAME_ATTACH:
        return take_attach(g, from, f, e);
    case FRAME_ORIGINS:
        return take_origins(g, from, f, e);
    case FRAME_KEY:
    case FRAME_VERDICTS:
    case FRAME_STATE:
    case FRAME_ATTACHED:
    case FRAME_ALLOWED:
        break;
    }
    return error_set(e, ERROR_MALFORMED, "frame: type %u", (unsigned)f->type);
}

static void
saw_database(struct group *g, bool ok)
{
    g->database_ok = ok;
    g->database_seen_ms = clock_now_ms();
}

static void
answer_lookup(struct group *g, const struct waiting *w)
{
    int64_t project = 0;
    enum key_state state = cached_key(g, &w->key, &project);
    struct error e;

    if (state == KEY_STATE_UNAVAILABLE &&
        keys_find(g->settings.db, &w->key, &state, &project, &e) == 0) {
        static const enum keycache_state states[] = {
            [KEY_STATE_UNKNOWN] = KEYCACHE_UNKNOWN,
            [KEY_STATE_REVOKED] = KEYCACHE_REVOKED,
            [KEY_STATE_GOOD] = KEYCACHE_GOOD};

        saw_database(g, true);
        keycache_put(g->keys, &w->key, clock_now_ms(), states[state], project);
    } else if (state == KEY_STATE_UNAVAILABLE) {
        saw_database(g, false);
        log_error(LOG_LEVEL_ERROR, LOG_DATABASE_LOST, &e, NULL, 0);
    }
    frame_key(client_out(w->from), w->tag, state, project);
}

static void
answer_state(struct group *g, const struct waiting *w)
{
    struct error e;

    if (clock_now_ms() - g->database_seen_ms >= STATE_TTL_MS)
        saw_database(g, db_run(g->settings.db, STATEMENT_PING, NULL, 0, NULL, &e) == 0);
    frame_state(client_out(w->from), w->tag, g->database_ok);
}

static void
answer_origins(struct group *g, const struct waiting *w)
{
    char text[ORIGINS_MAX_BYTES];
    struct error ignored;
    size_t n = 0;
    bool known = keys_origins(g->settings.db, w->project, text, &n, &ignored) == 0;

    frame_allowed(client_out(w->from), w->tag, known, (struct str){text, known ? n : 0});
}

/* Answers what is there; what comes in meanwhile waits for the next round. */
static void
run_questions(struct group *g)
{
    struct waiting *w = g->questions.first, *next;

    g->questions.first = NULL;
    g->questions.end = &g->questions.first;
    for (; w != NULL; w = next) {
        next = w->next;
        if (w->type == FRAME_LOOKUP)
            answer_lookup(g, w);
        else if (w->type == FRAME_ORIGINS)
            answer_origins(g, w);
        else
            answer_state(g, w);
        client_flush(w->from);
        forget(w);
    }
}

/* Cuts the next batch off the queue; at least one submission. */
static size_t
fill_items(struct group *g, struct waiting **taken)
{
    size_t count = 0, bytes = 0;
    struct waiting **end = taken;

    *taken = NULL;
    while (g->submissions.first != NULL) {
        struct waiting *w = g->submissions.first;
        struct frame_submission s = w->submission;

        if (count > 0 && (count + s.count > g->settings.max_events ||
                          count + s.count > FRAME_MAX_ITEMS ||
                          bytes + w->bytes > g->settings.max_bytes))
            break;
        for (size_t i = 0; i < s.count; i++) {
            struct batch_item *item = &g->items[count++];
            struct error e;

            CHECK(frame_next_item(&s, &item->what, &e) == 0);
            item->project = s.project;
            item->again = (s.flags & FRAME_AGAIN) != 0;
        }
        bytes += w->bytes;
        (void)pop(&g->submissions);
        w->next = NULL;
        *end = w;
        end = &w->next;
    }
    return count;
}

static void
answer_submissions(struct group *g, struct waiting *taken, int64_t asked_ms)
{
    int64_t now_ms = clock_now_ms();
    size_t at = 0;

    while (taken != NULL) {
        struct waiting *w = taken;

        for (size_t i = 0; i < w->submission.count; i++) {
            const struct verdict *v = &g->items[at + i].verdict;

            g->verdicts[i] = *v;
            if (v->status == VERDICT_LIMITED &&
                g->items[at + i].what.kind != FRAME_ITEM_RECORD)
                verdict_put(&g->refused, w->submission.project, asked_ms, now_ms,
                            v->retry_ms);
        }
        at += w->submission.count;
        frame_verdicts(client_out(w->from), w->tag, g->verdicts, w->submission.count);
        client_flush(w->from);
        taken = w->next;
        g->bytes -= w->bytes;
        forget(w);
    }
}

void
group_run(struct group *g)
{
    struct waiting *taken;
    int64_t asked_ms = clock_now_ms();
    struct error e;
    size_t count;

    run_questions(g);
    count = fill_items(g, &taken);
    if (count == 0)
        return;
    batch_run(g->batch, g->items, count, clock_wall_us(), &e);
    saw_database(g, e.kind == ERROR_NONE);
    if (e.kind != ERROR_NONE)
        log_error(LOG_LEVEL_ERROR, LOG_DATABASE_LOST, &e, "events", (int64_t)count);
    answer_submissions(g, taken, asked_ms);
}
