#include "writer/turns.h"

#include <stdlib.h>

#define BUCKETS 1024U

/* A project with waiting submissions. */
struct line {
    struct line *after;           /* in its bucket */
    struct line *next, *previous; /* in the ring of turns */
    int64_t project;
    size_t allowance; /* bytes that it may still send in this turn */
    struct waiting_queue queue;
};

struct turns {
    struct line *bucket[BUCKETS];
    struct line *current; /* the project whose turn it is; NULL: nothing waits */
    size_t count;
};

struct turns *
turns_new(void)
{
    return calloc(1, sizeof(struct turns));
}

static struct line **
place(struct turns *t, int64_t project)
{
    struct line **at = &t->bucket[(uint64_t)project % BUCKETS];

    while (*at != NULL && (*at)->project != project)
        at = &(*at)->after;
    return at;
}

/* A line is inserted after all others: before the one whose turn it is. */
static void
link_line(struct turns *t, struct line *l)
{
    t->count++;
    if (t->current == NULL) {
        l->next = l->previous = t->current = l;
        return;
    }
    l->next = t->current;
    l->previous = t->current->previous;
    l->previous->next = l;
    l->next->previous = l;
}

static void
drop_line(struct turns *t, struct line *l)
{
    struct line **at = place(t, l->project);

    *at = l->after;
    l->previous->next = l->next;
    l->next->previous = l->previous;
    if (t->current == l)
        t->current = l->next == l ? NULL : l->next;
    t->count--;
    free(l);
}

void
turns_free(struct turns *t)
{
    if (t == NULL)
        return;
    while (t->current != NULL) {
        struct waiting *w;

        while ((w = waiting_pop(&t->current->queue)) != NULL)
            waiting_free(w);
        drop_line(t, t->current);
    }
    free(t);
}

int
turns_push(struct turns *t, struct waiting *w, struct error *e)
{
    struct line **at = place(t, w->submission.project);

    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL)
            return error_no_memory(e);
        (*at)->project = w->submission.project;
        (*at)->queue.end = &(*at)->queue.first;
        link_line(t, *at);
    }
    waiting_push(&(*at)->queue, w);
    return 0;
}

bool
turns_is_empty(const struct turns *t)
{
    return t->current == NULL;
}

/* Returns whether a submission has been waiting since before then. */
static bool
is_due(const struct turns *t, int64_t before_ms)
{
    const struct line *l = t->current;

    for (size_t i = 0; i < t->count; i++, l = l->next)
        if (l->queue.first->at_ms < before_ms)
            return true;
    return false;
}

struct waiting *
turns_next(struct turns *t, int64_t before_ms)
{
    if (t->current == NULL || (before_ms != INT64_MAX && !is_due(t, before_ms)))
        return NULL;
    for (;;) {
        struct line *l = t->current;
        struct waiting *w = l->queue.first;

        if (w->at_ms < before_ms && (w->bytes <= l->allowance || t->count == 1))
            return w;
        t->current = l->next;
        if (t->current->queue.first->at_ms < before_ms)
            t->current->allowance += TURNS_QUANTUM;
    }
}

void
turns_pop(struct turns *t)
{
    struct line *l = t->current;
    const struct waiting *w = waiting_pop(&l->queue);

    l->allowance -= w->bytes < l->allowance ? w->bytes : l->allowance;
    if (l->queue.first == NULL)
        drop_line(t, l);
}
