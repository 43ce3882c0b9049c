#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *first;   /* kept over resets */
    struct block *current; /* the most recent */
    size_t given, max;
    bool full; /* an allocation exceeded max */
};

static struct block *
block_new(size_t size)
{
    struct block *b = malloc(sizeof *b + size);

    if (b != NULL)
        *b = (struct block){.size = size};
    return b;
}

struct arena *
arena_new(size_t first_bytes, size_t max_bytes)
{
    struct arena *a = malloc(sizeof *a);
    struct block *b;

    CHECK(first_bytes > 0 && first_bytes <= max_bytes && max_bytes < SIZE_MAX / 2);
    if (a == NULL)
        return NULL;
    b = block_new(first_bytes);
    if (b == NULL) {
        free(a);
        return NULL;
    }
    *a = (struct arena){.first = b, .current = b, .max = max_bytes};
    return a;
}

void
arena_reset(struct arena *a)
{
    while (a->current != a->first) {
        struct block *older = a->current->next;

        free(a->current);
        a->current = older;
    }
    a->first->used = 0;
    a->given = 0;
    a->full = false;
}

struct arena_mark
arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->current, a->current->used, a->given};
}

void
arena_rewind(struct arena *a, struct arena_mark to)
{
    while (a->current != to.block) {
        struct block *older = a->current->next;

        CHECK(a->current != a->first);
        free(a->current);
        a->current = older;
    }
    a->current->used = to.used;
    a->given = to.given;
    a->full = false;
}

bool
arena_is_full(const struct arena *a)
{
    return a->full;
}

void
arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    arena_reset(a);
    free(a->first);
    free(a);
}

void *
arena_get(struct arena *a, size_t n)
{
    const size_t align = alignof(max_align_t);
    size_t size = n > a->max ? n : (n + align - 1) / align * align;
    struct block *b = a->current;
    void *p;

    if (size > a->max - a->given) {
        a->full = true;
        return NULL;
    }
    if (size > b->size - b->used) {
        size_t want = a->first->size > size ? a->first->size : size;

        b = block_new(want);
        if (b == NULL)
            return NULL;
        b->next = a->current;
        a->current = b;
    }
    p = b->bytes + b->used;
    b->used += size;
    a->given += size;
    return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    void *p;

    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    p = arena_get(a, n);
    budget_spend(n);
    if (p != NULL)
        (void)memset(p, 0, n);
    return p;
}

int
arena_copy(struct arena *a, struct str s, struct str *out)
{
    char *p;

    *out = STR_NONE;
    if (s.p == NULL)
        return 0;
    p = arena_get(a, s.n + 1);
    if (p == NULL)
        return -1;
    budget_spend(s.n);
    if (s.n > 0)
        (void)memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    *out = (struct str){p, s.n};
    return 0;
}
