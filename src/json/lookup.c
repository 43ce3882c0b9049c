#include "json/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/budget.h"

int
lookup_init(struct lookup *l, struct arena *a, size_t room)
{
    *l = (struct lookup){.list = arena_array(a, room, sizeof *l->list), .room = room};
    return l->list == NULL ? -1 : 0;
}

void
lookup_add(struct lookup *l, struct str name, struct str value)
{
    CHECK(l->count < l->room);
    l->list[l->count] = (struct lookup_entry){name, value, l->count};
    l->count++;
}

static int
compare_names(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* The last value of a name wins, so it sorts first. */
static int
compare_entries(const void *a, const void *b)
{
    const struct lookup_entry *x = a, *y = b;
    int order = compare_names(x->name, y->name);

    return order != 0 ? order : (x->order < y->order) - (x->order > y->order);
}

void
lookup_sort(struct lookup *l)
{
    budget_spend(l->count * sizeof *l->list);
    qsort(l->list, l->count, sizeof *l->list, compare_entries);
}

struct str
lookup_name(const struct lookup *l, struct str name)
{
    size_t low = 0, high = l->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_names(l->list[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
        budget_spend(1);
    }
    return low < l->count && str_eq(l->list[low].name, name) ? l->list[low].value
                                                             : STR_NONE;
}

struct str
lookup_number(const struct lookup *l, size_t i)
{
    return i < l->count ? l->list[i].value : STR_NONE;
}
