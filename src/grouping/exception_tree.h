/*
 * exception_tree: the tree of causes, parts and suppressed exceptions that the exceptions
 * of an event form by their mechanisms.
 */
#ifndef MESHER_GROUPING_EXCEPTION_TREE_H
#define MESHER_GROUPING_EXCEPTION_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "frames/frames.h"

/* No node. */
#define EXCEPTION_TREE_NONE SIZE_MAX

/* In the order of the list. */
struct exception_node {
    bool is_leaf;    /* not a group itself, and only groups below the root lead to it */
    bool taken;      /* for the caller's use; initially false */
    bool suppressed; /* or a cause or a part of a suppressed one */
    size_t child, next_child; /* its first child; its parent's next child */
};

struct exception_tree {
    struct exception_node *node; /* NULL: the mechanisms form no tree */
    size_t root;
    size_t leaves; /* 0: there is no group */
};

/* Reads the mechanisms.  They form a tree only when all exceptions have distinct ids and
 * one of them is the root, 0.  Allocates from the arena.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int exception_tree_read(const struct frames *all, struct exception_tree *out,
                        struct error *e) MUST_CHECK;

#endif
