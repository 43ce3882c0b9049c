/*
 * tree: the children as a whole: one_for_one, all of them permanent or oneshots.
 *
 * Sections are started in the order of the configuration, each when all of the one before
 * is ready, and stopped in the reverse order.  A child that ends by itself is started
 * again; too many of these restarts, a oneshot that fails, or a child that exits with 100
 * before its section was ever ready, stop the whole tree.
 *
 * The caller calls tree_step() when a child may have ended, when what is watched was
 * served and when the time that the last call gave has come.  Times are clock_now_ms()
 * values.
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

/* Those of the configuration, and as many that are leaving. */
#define TREE_SERVICES_MAX ((size_t)2 * CHILDCONF_SECTIONS_MAX)

struct tree {
    struct child_world world;
    struct service *services[TREE_SERVICES_MAX]; /* in their order; leaving ones last */
    size_t count;
    struct intensity intensity;
    struct child *rolling;   /* is being replaced, or NULL */
    struct error roll_error; /* why the last rolling restart ended early, or NONE */
    bool been_up;            /* everything was ready once */
    bool stopping;
    bool none_left; /* no process below this one, not even a zombie */
    bool changed;   /* a state has changed: look again */
    int exit_code;  /* of mesherd, when it has stopped */
    int notify_fd;
    struct watch notify_watch;
    int64_t stray_kill_at_ms; /* 0: nobody was asked to end */
};

/* Walks over all children, in their order:
 * for (struct tree_walk w = {0}; tree_next(t, &w);) … w.c … */
struct tree_walk {
    size_t service, child;
    struct service *s;
    struct child *c;
};

bool tree_next(const struct tree *t, struct tree_walk *w) MUST_CHECK;

/* An empty tree in t, which stays where it is.  Keeps run_dir and conf_path.  0, or -1
 * with ERROR_SYSTEM. */
int tree_init(struct tree *t, const struct conf *conf, const char *conf_path,
              int watch_set, struct error *e) MUST_CHECK;

/* Frees what it holds; every process must be gone. */
void tree_release(struct tree *t);

/* Does what is due.  Gives when to call it again at the latest (INT64_MAX: never). */
int64_t tree_step(struct tree *t, int64_t now_ms) MUST_CHECK;

/* Begins to stop everything, last first.  Again: everything at once, by force after a
 * second. */
void tree_stop(struct tree *t, int64_t now_ms);

/* Has everything stopped? */
bool tree_is_stopped(const struct tree *t) MUST_CHECK;

/* Is everything as it shall be: nothing to start, to stop, to replace? */
bool tree_is_settled(const struct tree *t) MUST_CHECK;

/* Appends a line for each process, or one that should be; see child_status(). */
void tree_status(const struct tree *t, int64_t now_ms, struct buf *out);

#endif
