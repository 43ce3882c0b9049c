/*
 * tree: all children together: one_for_one, all of them permanent or oneshots.
 *
 * Sections are started in the order of the configuration, each when all of the previous
 * one is ready, and stopped in reverse order.  A child that exits on its own is started
 * again; the whole tree stops after too many of these restarts, when a oneshot fails, or
 * when a child exits with 100 before its section was ever ready.
 *
 * The caller calls tree_step() when a child may have exited, after serving watched
 * descriptors, and when the time returned by the last call has come.  Times are
 * clock_now_ms() values.
 */
#ifndef MESHER_SUPER_TREE_H
#define MESHER_SUPER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "super/intensity.h"
#include "super/service.h"

/* Those of the configuration, and as many that are being removed. */
#define TREE_SERVICES_MAX ((size_t)2 * CHILDCONF_SECTIONS_MAX)

struct tree {
    struct child_world world;
    struct service *services[TREE_SERVICES_MAX]; /* in their order; removed ones last */
    size_t count;
    struct intensity intensity;
    struct child *rolling;   /* the child being replaced, or NULL */
    struct error roll_error; /* why the last rolling restart ended early, or NONE */
    bool been_up;            /* everything was ready at one time */
    bool stopping;
    bool none_left; /* no process below this one, not even a zombie */
    bool changed;   /* a state has changed: check again */
    int exit_code;  /* of mesherd, once it has stopped */
    int notify_fd;
    struct watch notify_watch;
    int64_t stray_kill_at_ms; /* 0: no stray was asked to exit */
};

/* A walk over all children, in their order: for (struct tree_walk w = {0}; tree_next(t,
 * &w);) … w.c … */
struct tree_walk {
    size_t service, child;
    struct service *s;
    struct child *c;
};

bool tree_next(const struct tree *t, struct tree_walk *w) MUST_CHECK;

/* Initialises an empty tree, which must not be moved.  Keeps run_dir and conf_path.
 * Returns 0, or -1 with ERROR_SYSTEM. */
int tree_init(struct tree *t, const struct conf *conf, const char *conf_path,
              int watch_set, struct error *e) MUST_CHECK;

/* Frees its contents; every process must have exited. */
void tree_release(struct tree *t);

/* Performs the work that is due.  Returns the latest time of the next call (INT64_MAX:
 * never). */
int64_t tree_step(struct tree *t, int64_t now_ms) MUST_CHECK;

/* Begins to stop everything, last section first.  The second call stops everything at
 * once, by force after a second. */
void tree_stop(struct tree *t, int64_t now_ms);

/* Returns whether everything has stopped. */
bool tree_is_stopped(const struct tree *t) MUST_CHECK;

/* Returns whether nothing is left to start, stop or replace. */
bool tree_is_settled(const struct tree *t) MUST_CHECK;

/* Appends a line for each process that exists or should exist; see child_status(). */
void tree_status(const struct tree *t, int64_t now_ms, struct buf *out);

/* Begins replacing the children of a section or a single child, by name, or with NULL all
 * children whose section is `rolling`: one by one, each is asked to exit, and the next
 * one follows when its successor is ready.  So a pool that shares a socket serves without
 * interruption, and a new program that does not work costs one process rather than all.
 * Returns 0, or -1 with ERROR_NOT_FOUND. */
int tree_roll_begin(struct tree *t, const char *name, struct error *e) MUST_CHECK;

#endif
