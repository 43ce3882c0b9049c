#include "cmd/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FIRST_SLOTS 1024U

void
rehearsal_init(struct rehearsal *r, struct arena *a)
{
    *r = (struct rehearsal){.a = a};
}

void
rehearsal_release(struct rehearsal *r)
{
    free(r->cells);
    free(r->table);
    *r = (struct rehearsal){.a = NULL};
}

static bool
same(const struct rehearsal_cell *a, const struct rehearsal_cell *b)
{
    return memcmp(a->print, b->print, sizeof a->print) == 0 &&
           str_eq(a->issue, b->issue) && str_eq(a->stored, b->stored);
}

static uint64_t
hash_of(const struct rehearsal_cell *c)
{
    return XXH3_64bits(c->print, sizeof c->print) ^ XXH3_64bits(c->issue.p, c->issue.n) ^
           (c->stored.n == 0 ? 0 : XXH3_64bits(c->stored.p, c->stored.n) * 3);
}

/* Returns the slot of the cell, or the free one where it belongs. */
static struct rehearsal_cell **
find(struct rehearsal_cell **table, size_t slots, const struct rehearsal_cell *c)
{
    size_t i = hash_of(c) & (slots - 1);

    while (table[i] != NULL && !same(table[i], c))
        i = (i + 1) & (slots - 1);
    return &table[i];
}

/* Doubles the table, and the list with it. */
static int
grow(struct rehearsal *r, struct error *e)
{
    size_t slots = r->slots == 0 ? FIRST_SLOTS : 2 * r->slots;
    struct rehearsal_cell **table = calloc(slots, sizeof(struct rehearsal_cell *)),
                          **cells;

    if (table == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < r->count; i++)
        *find(table, slots, r->cells[i]) = r->cells[i];
    cells = realloc(r->cells, slots / 2 * sizeof(struct rehearsal_cell *));
    free(r->table);
    r->table = table;
    r->slots = slots;
    if (cells == NULL)
        return error_no_memory(e);
    r->cells = cells;
    return 0;
}

static int
copy(struct arena *a, struct str *s, struct error *e)
{
    return arena_copy(a, s->p == NULL ? STR("") : *s, s) == 0 ? 0 : error_no_memory(e);
}

int
rehearsal_add(struct rehearsal *r, const struct rehearsal_cell *event, struct error *e)
{
    struct rehearsal_cell **slot, *cell;

    r->events++;
    if (2 * (r->count + 1) > r->slots && grow(r, e) != 0)
        return -1;
    slot = find(r->table, r->slots, event);
    if (*slot != NULL) {
        (*slot)->events++;
        return 0;
    }
    cell = arena_get(r->a, sizeof *cell);
    if (cell == NULL)
        return error_no_memory(e);
    *cell = *event;
    cell->events = 1;
    if (copy(r->a, &cell->issue, e) != 0 || copy(r->a, &cell->stored, e) != 0 ||
        copy(r->a, &cell->event, e) != 0 || copy(r->a, &cell->title, e) != 0 ||
        copy(r->a, &cell->culprit, e) != 0)
        return -1;
    *slot = r->cells[r->count++] = cell;
    return 0;
}

static int
by_events(const struct rehearsal_cell *a, const struct rehearsal_cell *b)
{
    return (a->events < b->events) - (a->events > b->events);
}

static int
by_issue(const void *x, const void *y)
{
    const struct rehearsal_cell *a = *(struct rehearsal_cell *const *)x,
                                *b = *(struct rehearsal_cell *const *)y;
    int c = str_cmp(a->issue, b->issue);

    if (c == 0)
        c = str_cmp(a->stored, b->stored);
    return c != 0 ? c : by_events(a, b);
}

static int
by_print(const void *x, const void *y)
{
    const struct rehearsal_cell *a = *(struct rehearsal_cell *const *)x,
                                *b = *(struct rehearsal_cell *const *)y;
    int c = memcmp(a->print, b->print, sizeof a->print);

    return c != 0 ? c : by_events(a, b);
}

void
rehearsal_sort_by_issue(struct rehearsal *r)
{
    if (r->count > 0)
        qsort(r->cells, r->count, sizeof(struct rehearsal_cell *), by_issue);
}

void
rehearsal_sort_by_print(struct rehearsal *r)
{
    if (r->count > 0)
        qsort(r->cells, r->count, sizeof(struct rehearsal_cell *), by_print);
}

size_t
rehearsal_end_of_issue(const struct rehearsal *r, size_t from)
{
    size_t to = from + 1;

    while (to < r->count && str_eq(r->cells[to]->issue, r->cells[from]->issue) &&
           str_eq(r->cells[to]->stored, r->cells[from]->stored))
        to++;
    return to;
}

size_t
rehearsal_end_of_print(const struct rehearsal *r, size_t from)
{
    size_t to = from + 1;

    while (to < r->count && memcmp(r->cells[to]->print, r->cells[from]->print,
                                   sizeof r->cells[from]->print) == 0)
        to++;
    return to;
}

bool
rehearsal_joins(const struct rehearsal *r, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++)
        if (!str_eq(r->cells[i]->issue, r->cells[from]->issue))
            return true;
    return false;
}

size_t
rehearsal_issues(const struct rehearsal *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++)
        n += i == 0 || !str_eq(r->cells[i]->issue, r->cells[i - 1]->issue);
    return n;
}
