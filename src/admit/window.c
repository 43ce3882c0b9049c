#include "admit/window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/io.h"

struct window_table {
    struct window_store *store;
    int fd; /* -1: the store is not shared, and is freed with the table */
};

static struct window_table *
make(struct window_store *store, int fd)
{
    struct window_table *t = calloc(1, sizeof *t);

    if (t == NULL || store == NULL) {
        free(t);
        return NULL;
    }
    *t = (struct window_table){store, fd};
    return t;
}

struct window_table *
window_new(void)
{
    struct window_store *store = calloc(1, sizeof *store);
    struct window_table *t = make(store, -1);

    if (t == NULL)
        free(store);
    return t;
}

struct window_table *
window_share(struct window_store *store, int fd)
{
    CHECK(fd >= 0);
    return make(store, fd);
}

void
window_free(struct window_table *t)
{
    if (t != NULL && t->fd < 0)
        free(t->store);
    free(t);
}

/* Without the lock, on a file system that has none, a unit may be missed in the count. */
static void
lock(struct window_table *t)
{
    if (t->fd >= 0)
        (void)io_lock(t->fd);
}

static void
unlock(struct window_table *t)
{
    if (t->fd >= 0)
        (void)flock(t->fd, LOCK_UN);
}

void
window_clear(struct window_table *t)
{
    lock(t);
    (void)memset(t->store, 0, sizeof *t->store);
    unlock(t);
}

static size_t
place(int64_t project, size_t way)
{
    return (size_t)((uint64_t)project + way) % WINDOW_SLOTS;
}

static struct window *
find(struct window_store *s, int64_t project)
{
    for (size_t i = 0; i < WINDOW_WAYS; i++)
        if (s->slot[place(project, i)].project == project)
            return &s->slot[place(project, i)];
    return NULL;
}

/* Returns the project's slot; a new project gets an unused one, or that of the window
 * that ends first. */
static struct window *
claim(struct window_store *s, int64_t project)
{
    struct window *found = find(s, project), *victim = &s->slot[place(project, 0)];

    if (found != NULL)
        return found;
    for (size_t i = 0; i < WINDOW_WAYS && victim->project != 0; i++) {
        struct window *w = &s->slot[place(project, i)];

        if (w->project == 0 || w->end_ms < victim->end_ms)
            victim = w;
    }
    *victim = (struct window){.project = project, .limit = -1};
    return victim;
}

/* Units that were not reported to the database, or may not have been, are not included in
 * its answer. */
static void
learn(struct window *w, int64_t now_ms, int64_t left_ms, int64_t used, int64_t limit)
{
    if (now_ms >= w->end_ms)
        w->unsettled = w->settling = 0;
    w->limit = limit;
    w->end_ms = now_ms + left_ms;
    w->used = used + w->unsettled + w->settling;
    w->closed = false;
    w->learned_ms = now_ms;
}

void
window_learn(struct window_table *t, int64_t project, int64_t now_ms, int64_t left_ms,
             int64_t used, int64_t limit)
{
    lock(t);
    learn(claim(t->store, project), now_ms, left_ms, used, limit);
    unlock(t);
}

void
window_merge(struct window_table *t, int64_t project, int64_t now_ms, int64_t left_ms,
             int64_t used, int64_t limit)
{
    struct window *w;

    lock(t);
    w = claim(t->store, project);
    if (now_ms >= w->end_ms) {
        learn(w, now_ms, left_ms, used, limit);
    } else {
        w->limit = limit;
        used += w->unsettled + w->settling;
        w->used = used > w->used ? used : w->used;
    }
    unlock(t);
}

static bool
is_known(const struct window *w)
{
    return w != NULL && w->limit >= 0 && w->length_ms > 0;
}

bool
window_is_known(struct window_table *t, int64_t project)
{
    bool known;

    lock(t);
    known = is_known(find(t->store, project));
    unlock(t);
    return known;
}

void
window_set_limit(struct window_table *t, int64_t project, int64_t limit,
                 int64_t length_ms)
{
    struct window *w;

    lock(t);
    w = claim(t->store, project);
    w->limit = limit;
    w->length_ms = length_ms;
    unlock(t);
}

void
window_suppose_limit(struct window_table *t, int64_t project, int64_t limit,
                     int64_t length_ms)
{
    struct window *w;

    lock(t);
    w = claim(t->store, project);
    if (w->limit < 0)
        w->limit = limit;
    if (w->length_ms == 0)
        w->length_ms = length_ms;
    unlock(t);
}

/* As in the database: a window never ends later than one whole window from now. */
static void
open_window(struct window *w, int64_t now_ms)
{
    if (now_ms >= w->end_ms) {
        w->end_ms = now_ms + w->length_ms;
        w->used = w->unsettled = w->settling = 0;
        w->closed = false;
    } else if (w->end_ms > now_ms + w->length_ms) {
        w->end_ms = now_ms + w->length_ms;
    }
}

static bool
take(struct window_store *s, struct window *w, int64_t units, int64_t most)
{
    if (units > most || w->used > most - units)
        return false;
    w->used += units;
    w->unsettled += units;
    s->any_unsettled = s->any_unsettled || units > 0;
    return true;
}

bool
window_take(struct window_table *t, int64_t project, int64_t now_ms, int64_t units,
            int64_t *retry_ms)
{
    struct window *w;
    bool taken;

    lock(t);
    w = claim(t->store, project);
    CHECK(is_known(w));
    open_window(w, now_ms);
    taken = take(t->store, w, units, w->limit);
    if (!taken)
        *retry_ms = w->end_ms - now_ms;
    unlock(t);
    return taken;
}

bool
window_take_early(struct window_table *t, int64_t project, int64_t now_ms, int64_t units)
{
    struct window *w;
    bool taken = false;

    lock(t);
    w = find(t->store, project);
    if (is_known(w)) {
        open_window(w, now_ms);
        taken = (units == 0 || !w->closed) && take(t->store, w, units, w->limit / 2);
    }
    unlock(t);
    return taken;
}

void
window_give(struct window_table *t, int64_t project, int64_t units)
{
    struct window *w;

    lock(t);
    w = find(t->store, project);
    if (w != NULL && w->unsettled >= units) {
        w->unsettled -= units;
        w->used -= units;
    }
    unlock(t);
}

void
window_close(struct window_table *t, int64_t project)
{
    struct window *w;

    lock(t);
    w = find(t->store, project);
    if (w != NULL)
        w->closed = true;
    unlock(t);
}

bool
window_is_used_up(struct window_table *t, int64_t project, int64_t now_ms,
                  int64_t *retry_ms)
{
    const struct window *w;
    bool used_up;

    lock(t);
    w = find(t->store, project);
    used_up = is_known(w) && w->used >= w->limit && now_ms < w->end_ms &&
              now_ms - w->learned_ms < WINDOW_BELIEVED_MS;
    if (used_up)
        *retry_ms = w->end_ms - now_ms;
    unlock(t);
    return used_up;
}

bool
window_next_unsettled(struct window_table *t, size_t *at, int64_t now_ms,
                      struct window *out)
{
    bool found = false;

    lock(t);
    while (!found && t->store->any_unsettled && *at < WINDOW_SLOTS) {
        struct window *w = &t->store->slot[(*at)++];

        found = w->unsettled > 0 && w->end_ms > now_ms;
        if (found) {
            *out = *w;
            w->settling += w->unsettled;
        }
        w->unsettled = 0; /* of a window that has ended: not needed any more */
    }
    unlock(t);
    return found;
}

void
window_settled(struct window_table *t, bool told)
{
    lock(t);
    if (t->store->any_unsettled) {
        t->store->any_unsettled = false;
        for (size_t i = 0; i < WINDOW_SLOTS; i++) {
            struct window *w = &t->store->slot[i];

            w->unsettled += told ? 0 : w->settling;
            w->settling = 0;
            t->store->any_unsettled = t->store->any_unsettled || w->unsettled > 0;
        }
    }
    unlock(t);
}

bool
window_any_unsettled(struct window_table *t)
{
    bool any;

    lock(t);
    any = t->store->any_unsettled;
    unlock(t);
    return any;
}
