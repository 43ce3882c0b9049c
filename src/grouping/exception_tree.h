/*
 * tree: which exception is the cause or a part of which, by their mechanisms.
 */
#ifndef MESHER_EVENT_TREE_H
#define MESHER_EVENT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* No node. */
#define TREE_NONE SIZE_MAX

/* In the order of the list. */
struct tree_node {
    struct str object; /* JSON of the exception */
    int64_t id, parent;
    bool has_parent, is_group;
    bool is_leaf; /* no group itself, and below the root there are but groups */
    bool taken;   /* for the caller's use; false */
    size_t child, next_child; /* the first of its own; the next of its parent's */
};

struct tree {
    struct tree_node *node;
    size_t count; /* 0: there is no such tree */
    size_t root;
    size_t leaves;
};

/* Reads the exceptions of a list.  There is a tree only when two exceptions or more, at
 * most LIMIT_EXCEPTION_TREE, all have an id, no two the same, one is a group, and the
 * root (the one with id 0) leads to a leaf.  From the arena.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int tree_read(struct arena *a, struct str exceptions, struct tree *out,
              struct error *e) MUST_CHECK;

#endif
