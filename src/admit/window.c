#include "admit/window.h"

#include <stdlib.h>

struct window_table {
    bool any_unsettled;
    struct window slot[WINDOW_SLOTS];
};

struct window_table *
window_new(void)
{
    return calloc(1, sizeof(struct window_table));
}

void
window_free(struct window_table *t)
{
    free(t);
}

static size_t
place(int64_t project, size_t way)
{
    return (size_t)((uint64_t)project + way) % WINDOW_SLOTS;
}

static const struct window *
find(const struct window_table *t, int64_t project)
{
    for (size_t i = 0; i < WINDOW_WAYS; i++)
        if (t->slot[place(project, i)].project == project)
            return &t->slot[place(project, i)];
    return NULL;
}

/* The project's slot; a newcomer gets an unused one, or that of the window that ends
 * first. */
static struct window *
claim(struct window_table *t, int64_t project)
{
    struct window *victim = &t->slot[place(project, 0)];

    for (size_t i = 0; i < WINDOW_WAYS; i++) {
        struct window *w = &t->slot[place(project, i)];

        if (w->project == project)
            return w;
    }
    for (size_t i = 0; i < WINDOW_WAYS && victim->project != 0; i++) {
        struct window *w = &t->slot[place(project, i)];

        if (w->project == 0 || w->end_ms < victim->end_ms)
            victim = w;
    }
    *victim = (struct window){.project = project, .limit = -1};
    return victim;
}

void
window_learn(struct window_table *t, int64_t project, int64_t now_ms, int64_t left_ms,
             int64_t used, int64_t limit)
{
    struct window *w = claim(t, project);

    w->limit = limit;
    w->end_ms = now_ms + left_ms;
    w->used = used;
    w->unsettled = 0;
}

bool
window_is_known(const struct window_table *t, int64_t project)
{
    const struct window *w = find(t, project);

    return w != NULL && w->limit >= 0 && w->length_ms > 0;
}

void
window_set_limit(struct window_table *t, int64_t project, int64_t limit,
                 int64_t length_ms)
{
    struct window *w = claim(t, project);

    w->limit = limit;
    w->length_ms = length_ms;
}

bool
window_take(struct window_table *t, int64_t project, int64_t now_ms, int64_t *retry_ms)
{
    struct window *w = claim(t, project);

    CHECK(w->limit >= 0 && w->length_ms > 0);
    if (now_ms >= w->end_ms) {
        w->end_ms = now_ms + w->length_ms;
        w->used = 0;
        w->unsettled = 0;
    }
    if (w->used < w->limit) {
        w->used++;
        w->unsettled++;
        t->any_unsettled = true;
        return true;
    }
    *retry_ms = w->end_ms - now_ms;
    return false;
}

const struct window *
window_next_unsettled(const struct window_table *t, size_t *at, int64_t now_ms)
{
    while (t->any_unsettled && *at < WINDOW_SLOTS) {
        const struct window *w = &t->slot[(*at)++];

        if (w->unsettled > 0 && w->end_ms > now_ms)
            return w;
    }
    return NULL;
}

void
window_settled(struct window_table *t)
{
    for (size_t i = 0; t->any_unsettled && i < WINDOW_SLOTS; i++)
        t->slot[i].unsettled = 0;
    t->any_unsettled = false;
}
