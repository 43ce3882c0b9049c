#include "writer/questions.h"

#include "admit/origins.h"
#include "base/clock.h"
#include "store/keys.h"
#include "writer/commit_queue_state.h"

#define STATE_TTL_MS 1000

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
    waiting_push(&g->questions, w);
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
    waiting_push(&g->questions, w);
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
    waiting_push(&g->questions, w);
    return 0;
}

int
questions_take(struct group *g, struct client *from, const struct frame *f,
               struct error *e)
{
    if (f->type == FRAME_LOOKUP)
        return take_lookup(g, from, f, e);
    if (f->type == FRAME_ORIGINS)
        return take_origins(g, from, f, e);
    return take_status(g, from, f, e);
}

static int
ask_key(struct group *g, const struct key *k, enum key_state *state, int64_t *project)
{
    static const enum keycache_state states[] = {[KEY_STATE_UNKNOWN] = KEYCACHE_UNKNOWN,
                                                 [KEY_STATE_REVOKED] = KEYCACHE_REVOKED,
                                                 [KEY_STATE_GOOD] = KEYCACHE_GOOD};
    struct error e;

    group_set_deadline(g);
    if (keys_find(g->settings.db, k, state, project, &e) != 0) {
        group_set_down(g, &e);
        return -1;
    }
    group_saw_database(g, true);
    keycache_put(g->keys, k, clock_now_ms(), states[*state], *project);
    if (*state == KEY_STATE_GOOD && !fallback_knows_key(g->settings.fallback, k))
        g->wants_keys = true;
    return 0;
}

/* may_ask: the database, if it is not known to be away. */
static void
answer_lookup(struct group *g, const struct waiting *w, bool may_ask)
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
answer_state(struct group *g, const struct waiting *w, bool may_ask)
{
    struct error e;

    if (may_ask && !g->down && clock_now_ms() - g->database_seen_ms >= STATE_TTL_MS) {
        group_set_deadline(g);
        if (db_run(g->settings.db, STATEMENT_PING, NULL, 0, NULL, &e) == 0)
            group_saw_database(g, true);
        else
            group_set_down(g, &e);
    }
    frame_state(client_out(w->from), w->tag, g->database_ok);
}

static void
answer_origins(struct group *g, const struct waiting *w, bool may_ask)
{
    char text[ORIGINS_MAX_BYTES];
    struct error e;
    size_t n = 0;
    bool known = false;

    if (may_ask && !g->down) {
        group_set_deadline(g);
        known = keys_origins(g->settings.db, w->project, text, &n, &e) == 0;
    }
    frame_allowed(client_out(w->from), w->tag, known, (struct str){text, known ? n : 0});
}

static void
answer_question(struct group *g, struct waiting *w, bool may_ask)
{
    if (w->type == FRAME_LOOKUP)
        answer_lookup(g, w, may_ask);
    else if (w->type == FRAME_ORIGINS)
        answer_origins(g, w, may_ask);
    else
        answer_state(g, w, may_ask);
    client_flush(w->from);
    waiting_free(w);
}

void
questions_run(struct group *g)
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

void
questions_relieve(struct group *g, int64_t before_ms)
{
    while (g->questions.first != NULL && g->questions.first->at_ms < before_ms)
        answer_question(g, waiting_pop(&g->questions), false);
}
