#include "grouping/exception_tree.h"

#include <stdlib.h>

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
link_nodes(const struct frames *all, struct exception_tree *t, struct by_id *sorted)
{
    size_t count = all->exception_count;

    for (size_t i = 0; i < count; i++) {
        sorted[i] = (struct by_id){all->exceptions[i].id, i};
        t->node[i].child = t->node[i].next_child = EXCEPTION_TREE_NONE;
    }
    qsort(sorted, count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < count; i++)
        if (sorted[i].id == sorted[i - 1].id)
            return false;
    t->root = find(sorted, count, 0);
    for (size_t i = 0; i < count; i++) {
        const struct thrown *x = &all->exceptions[i];
        size_t parent =
            x->has_parent ? find(sorted, count, x->parent) : EXCEPTION_TREE_NONE;

        if (parent == EXCEPTION_TREE_NONE || i == t->root)
            continue;
        t->node[i].next_child = t->node[parent].child;
        t->node[parent].child = i;
    }
    return t->root != EXCEPTION_TREE_NONE;
}

/* A node is the child of at most one other, so each is visited once. */
static void
visit(const struct frames *all, struct exception_tree *t, size_t *waiting)
{
    bool groups = false;
    size_t n = 0;

    t->node[t->root].taken = true; /* only groups lead here */
    waiting[n++] = t->root;
    while (n > 0) {
        size_t i = waiting[--n];
        struct exception_node *node = &t->node[i];
        bool is_group = all->exceptions[i].is_group && node->taken && !node->suppressed;

        groups = groups || is_group;
        node->is_leaf = node->taken && !is_group && !node->suppressed;
        t->leaves += node->is_leaf;
        for (size_t c = node->child; c != EXCEPTION_TREE_NONE;
             c = t->node[c].next_child) {
            t->node[c].suppressed =
                node->suppressed || str_eq(all->exceptions[c].how, STR("suppressed"));
            t->node[c].taken = is_group;
            waiting[n++] = c;
        }
    }
    if (!groups)
        t->leaves = 0;
    for (size_t i = 0; i < all->exception_count; i++)
        t->node[i].taken = false;
}

int
exception_tree_read(const struct frames *all, struct exception_tree *out, struct error *e)
{
    size_t count = all->exception_count, *waiting;
    struct exception_node *nodes;
    struct by_id *sorted;
    bool wanted = false;

    *out = (struct exception_tree){.root = EXCEPTION_TREE_NONE};
    for (size_t i = 0; i < count; i++) {
        const struct thrown *x = &all->exceptions[i];

        if (!x->has_id)
            return 0;
        wanted = wanted || x->is_group || str_eq(x->how, STR("suppressed"));
    }
    if (count < 2 || !wanted)
        return 0;
    nodes = arena_array(all->a, count, sizeof *nodes);
    sorted = arena_array(all->a, count, sizeof *sorted);
    waiting = arena_array(all->a, count, sizeof *waiting);
    if (nodes == NULL || sorted == NULL || waiting == NULL)
        return error_no_memory(e);
    out->node = nodes;
    if (!link_nodes(all, out, sorted)) {
        out->node = NULL;
        return 0;
    }
    visit(all, out, waiting);
    return 0;
}
