/*
 * exception_tree: the tree of causes and parts that exceptions form by their mechanisms.
 */
#ifndef MESHER_GROUPING_V2_EXCEPTION_TREE_H
#define MESHER_GROUPING_V2_EXCEPTION_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* No node. */
#define EXCEPTION_TREE_NONE SIZE_MAX

/* In the order of the list. */
struct exception_node {
    struct str object; /* JSON of the exception */
    int64_t id, parent;
    bool has_parent, is_group;
    bool is_leaf; /* not a group itself, and only groups below the root lead to it */
    bool taken;   /* for the caller's use; initially false */
    size_t child, next_child; /* its first child; its parent's next child */
};

struct exception_tree {
    struct exception_node *node;
    size_t count; /* 0: there is no tree */
    size_t root;
    size_t leaves;
};

/* Reads the exceptions of a list.  They form a tree only when there are at least two and
 * at most LIMIT_EXCEPTION_TREE, all have distinct ids, one is a group, and the root (id
 * 0) leads to a leaf.  Allocates from the arena.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int v2_exception_tree_read(struct arena *a, struct str exceptions,
                           struct exception_tree *out, struct error *e) MUST_CHECK;

#endif
