#include "grouping_v2/exception_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "grouping_v2/trace.h"
#include "json/json.h"

static bool
number(struct str value, int64_t *out)
{
    return value.p != NULL && scan_type(value) == SCAN_NUMBER &&
           num_parse(value, 0, INT32_MAX, out) == 0;
}

/* Reads the ids; sets *whole to false when one is missing. */
static int
read_node(struct arena *a, struct str object, struct exception_node *out, bool *whole,
          struct error *e)
{
    static const struct str names[] = {STR_INIT("exception_id"), STR_INIT("parent_id"),
                                       STR_INIT("is_exception_group")};
    struct str values[COUNT_OF(names)], mechanism;
    struct v2_trace_exception x;

    *whole = false;
    *out = (struct exception_node){.object = object,
                                   .child = EXCEPTION_TREE_NONE,
                                   .next_child = EXCEPTION_TREE_NONE};
    if (v2_trace_exception(a, object, &x, e) != 0)
        return -1;
    mechanism = x.field[V2_TRACE_MECHANISM];
    if (mechanism.p == NULL || scan_type(mechanism) != SCAN_OBJECT)
        return 0;
    if (json_pick(a, mechanism, names, COUNT_OF(names), values, e) != 0)
        return -1;
    *whole = number(values[0], &out->id);
    out->has_parent = number(values[1], &out->parent);
    out->is_group = values[2].p != NULL && scan_type(values[2]) == SCAN_TRUE;
    return 0;
}

struct by_id {
    int64_t id;
    size_t index;
};

static int
compare_ids(const void *a, const void *b)
{
    const struct by_id *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static size_t
find(const struct by_id *sorted, size_t count, int64_t id)
{
    const struct by_id key = {.id = id};
    const struct by_id *found = bsearch(&key, sorted, count, sizeof key, compare_ids);

    return found == NULL ? EXCEPTION_TREE_NONE : found->index;
}

/* Children are linked in the reverse order of the list, which has the root last.  Returns
 * false when this is not a tree. */
static bool
link_nodes(struct exception_tree *t, struct by_id *sorted)
{
    for (size_t i = 0; i < t->count; i++)
        sorted[i] = (struct by_id){t->node[i].id, i};
    qsort(sorted, t->count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < t->count; i++)
        if (sorted[i].id == sorted[i - 1].id)
            return false;
    t->root = find(sorted, t->count, 0);
    for (size_t i = 0; i < t->count; i++) {
        struct exception_node *n = &t->node[i];
        size_t parent =
            n->has_parent ? find(sorted, t->count, n->parent) : EXCEPTION_TREE_NONE;

        if (parent == EXCEPTION_TREE_NONE || i == t->root)
            continue;
        n->next_child = t->node[parent].child;
        t->node[parent].child = i;
    }
    return t->root != EXCEPTION_TREE_NONE;
}

/* A node is the child of at most one other, so each is visited once. */
static void
find_leaves(struct exception_tree *t, size_t *waiting)
{
    size_t n = 0;

    waiting[n++] = t->root;
    while (n > 0) {
        struct exception_node *node = &t->node[waiting[--n]];

        if (!node->is_group) {
            node->is_leaf = true;
            t->leaves++;
            continue;
        }
        for (size_t c = node->child; c != EXCEPTION_TREE_NONE; c = t->node[c].next_child)
            waiting[n++] = c;
    }
}

int
v2_exception_tree_read(struct arena *a, struct str exceptions, struct exception_tree *out,
                       struct error *e)
{
    struct v2_trace_walk w = v2_trace_begin(exceptions);
    bool whole = true, groups = false;
    struct str object;
    size_t count = 0;

    *out = (struct exception_tree){.root = EXCEPTION_TREE_NONE};
    /* Searching for the word is cheaper than parsing exceptions without it. */
    if (exceptions.p == NULL ||
        memmem(exceptions.p, exceptions.n, "is_exception_group", 18) == NULL)
        return 0;
    while (count <= LIMIT_EXCEPTION_TREE && v2_trace_next(&w, &object))
        count++;
    if (count < 2 || count > LIMIT_EXCEPTION_TREE)
        return 0;
    out->node = arena_array(a, count, sizeof *out->node);
    if (out->node == NULL)
        return error_no_memory(e);
    w = v2_trace_begin(exceptions);
    for (size_t i = 0; i < count && whole && v2_trace_next(&w, &object); i++) {
        if (read_node(a, object, &out->node[i], &whole, e) != 0)
            return -1;
        groups = groups || out->node[i].is_group;
    }
    if (!whole || !groups)
        return 0;
    out->count = count;
    {
        struct by_id *sorted = arena_array(a, count, sizeof *sorted);
        size_t *waiting = arena_array(a, count, sizeof *waiting);

        if (sorted == NULL || waiting == NULL)
            return error_no_memory(e);
        if (link_nodes(out, sorted))
            find_leaves(out, waiting);
    }
    if (out->leaves == 0)
        out->count = 0;
    return 0;
}
