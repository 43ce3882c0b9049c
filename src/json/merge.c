/* Each level collects the members of all its objects in one array and sorts it by name,
 * so the work does not depend on how the names are distributed.  Only objects that share
 * a name are opened, one level deeper each time. */
#include "json/merge.h"

#include <stdlib.h>

#include "base/budget.h"
#include "base/buf.h"
#include "base/limits.h"
#include "json/json.h"
#include "json/scan.h"

struct member {
    struct str name;   /* decoded */
    struct str inside; /* as it appears between its quotes */
    struct str value;
    size_t source, place; /* the object, and the position in it */
};

/* All members with one name, by source; the last of each source comes first. */
struct group {
    const struct member *member;
    size_t count;
};

/* An object of the result that is being written. */
struct level {
    const struct group *group;
    size_t count, next;
};

struct merging {
    struct arena *a;
    struct buf out;
    struct level level[LIMIT_JSON_DEPTH];
    size_t depth;
};

static int
compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = str_cmp(x->name, y->name);

    budget_spend(1);
    if (order != 0)
        return order;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return x->place > y->place ? -1 : 1;
}

static int
compare_groups(const void *a, const void *b)
{
    const struct member *x = ((const struct group *)a)->member;
    const struct member *y = ((const struct group *)b)->member;

    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static size_t
count_members(const struct str *objects, size_t count)
{
    struct str inside, value;
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        struct scan_iter it = scan_open(objects[i]);

        while (scan_object_next(&it, &inside, &value))
            n++;
    }
    return n;
}

/* Collects the members of all objects, at most n, and sorts them by name. */
static int
collect(struct merging *m, const struct str *objects, size_t count,
        struct member *members, size_t *n, struct error *e)
{
    size_t room = *n;

    *n = 0;
    for (size_t i = 0; i < count; i++) {
        struct scan_iter it = scan_open(objects[i]);
        struct str inside, value, name;

        while (*n < room && scan_object_next(&it, &inside, &value)) {
            if (json_inside(m->a, inside, &name, e) != 0)
                return -1;
            members[*n] = (struct member){name, inside, value, i, *n};
            ++*n;
        }
    }
    budget_spend(*n * sizeof *members);
    qsort(members, *n, sizeof *members, compare_members);
    return 0;
}

static size_t
group_members(const struct member *members, size_t n, struct group *groups)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (count == 0 || !str_eq(groups[count - 1].member->name, members[i].name))
            groups[count++] = (struct group){&members[i], 0};
        groups[count - 1].count++;
    }
    qsort(groups, count, sizeof *groups, compare_groups);
    return count;
}

/* Begins the object that is made of these. */
static int
open_level(struct merging *m, const struct str *objects, size_t count, struct error *e)
{
    size_t n = count_members(objects, count);
    struct member *members = arena_array(m->a, n, sizeof *members);
    struct group *groups = arena_array(m->a, n, sizeof *groups);

    if (members == NULL || groups == NULL)
        return error_no_memory(e);
    if (collect(m, objects, count, members, &n, e) != 0)
        return -1;
    CHECK(m->depth < LIMIT_JSON_DEPTH);
    m->level[m->depth++] = (struct level){groups, group_members(members, n, groups), 0};
    buf_add_char(&m->out, '{');
    return 0;
}

static bool
is_object(struct str value)
{
    return scan_type(value) == SCAN_OBJECT;
}

/* Appends the value of one name: the first that is not null, merged with the objects
 * after it if it is an object itself. */
static int
put_value(struct merging *m, const struct group *g, struct error *e)
{
    struct str *objects = arena_array(m->a, g->count, sizeof *objects);
    struct str first = g->member[0].value;
    size_t n = 0, source = SIZE_MAX;

    if (objects == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < g->count; i++) {
        struct str value = g->member[i].value;

        if (g->member[i].source == source)
            continue;
        source = g->member[i].source;
        if (scan_type(first) == SCAN_NULL)
            first = value;
        if (is_object(first) && is_object(value))
            objects[n++] = value;
    }
    if (n > 1)
        return open_level(m, objects, n, e);
    buf_add_str(&m->out, first);
    return 0;
}

/* Writes the next member of the innermost object, or closes it. */
static int
step(struct merging *m, struct error *e)
{
    struct level *l = &m->level[m->depth - 1];
    const struct group *g = &l->group[l->next];

    if (l->next == l->count) {
        buf_add_char(&m->out, '}');
        m->depth--;
        return 0;
    }
    buf_add_text(&m->out, l->next++ == 0 ? "\"" : ",\"");
    buf_add_str(&m->out, g->member->inside);
    buf_add_text(&m->out, "\":");
    return put_value(m, g, e);
}

int
merge_objects(struct arena *a, const struct str *objects, size_t count, struct str *out,
              struct error *e)
{
    struct merging m = {.a = a};
    size_t bytes = 2;
    int rc;

    for (size_t i = 0; i < count; i++)
        bytes += objects[i].n;
    m.out = buf_init(bytes);
    rc = open_level(&m, objects, count, e);
    while (rc == 0 && m.depth > 0)
        rc = step(&m, e);
    if (rc == 0 && (m.out.failed || arena_copy(a, buf_str(&m.out), out) != 0))
        rc = error_no_memory(e);
    buf_release(&m.out);
    return rc;
}
