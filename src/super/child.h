/*
 * child: one process that mesherd keeps running, as a state machine.
 *
 * The functions here perform the work of one state; the tree decides when a child changes
 * state, and childstate.h lists the allowed changes.
 */
#ifndef MESHER_SUPER_CHILD_H
#define MESHER_SUPER_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/compat.h"
#include "setup/childconf.h"
#include "super/backoff.h"
#include "super/childstate.h"
#include "super/leftovers.h"
#include "super/watch.h"

#define CHILD_NAME_BYTES (CHILDCONF_NAME_MAX + 8)

/* Shared by the children of a tree. */
struct child_world {
    const char *run_dir;   /* where the pid files are */
    const char *conf_path; /* for MESHER_CONF; NULL: none */
    char notify_name[108]; /* for NOTIFY_SOCKET */
    int watch_set;
    struct leftovers leftovers;
};

struct child {
    const struct childconf *conf; /* its section's */
    const int *listen_fd;         /* its section's; -1: none */
    char name[CHILD_NAME_BYTES];
    enum child_state state;
    bool replace;        /* will be replaced in a rolling restart */
    bool surplus;        /* its section has fewer instances now */
    bool has_ended;      /* end_status is valid */
    bool been_up;        /* was ready once, or has finished its work */
    pid_t pid;           /* 0: none */
    int64_t started_ms;  /* STARTING, UP, STOPPING */
    int64_t start_at_ms; /* WAITING */
    int64_t deadline_ms; /* STARTING: to be ready; STOPPING: to have exited */
    int64_t probe_at_ms; /* STARTING, and ready when it accepts a connection */
    int64_t restarts;    /* unrequested ones */
    int end_status;      /* of wait(2) */
    /* As they were at its start. */
    int stop_signal;
    int64_t stop_timeout_ms;
    struct backoff backoff;
    int ready_fd; /* -1: none */
    struct watch watch;
};

/* Initialises a child.  Number 0: the only one, named like its section; else
 * NAME-NUMBER. */
void child_init(struct child *c, const struct childconf *conf, const int *listen_fd,
                int number);

/* The only function that changes a child's state.  A change that childstate.h does not
 * allow is a bug: it is logged and made nevertheless, since the process has changed
 * already and mesherd must not die; a build for tests (MESHER_STRICT) aborts. */
void child_become(struct child *c, enum child_state to);

/* Makes it WAITING, to be started at at_ms. */
void child_wait(struct child *c, int64_t at_ms);

/* Starts a WAITING child.  It is then STARTING, or WAITING for another second if the
 * system cannot create a process. */
void child_start(struct child *c, struct child_world *w, int64_t now_ms);

/* Asks it to exit (STOPPING), or takes it down at once if it is not running. */
void child_stop(struct child *c, int64_t now_ms);

/* Limits its remaining time to at_ms. */
void child_hurry(struct child *c, int64_t at_ms);

/* Handles the end of its process with this status of wait(2): the rest of its process
 * group may finish.  The caller changes the state. */
void child_ended(struct child *c, struct child_world *w, int status, int64_t now_ms);

/* Handles its READY=1. */
void child_notified(struct child *c);

/* Kills it if it is late, and checks whether it is ready.  Returns the time of the next
 * call, INT64_MAX for never. */
int64_t child_step(struct child *c, int64_t now_ms) MUST_CHECK;

/* Returns whether it has a running process. */
bool child_runs(const struct child *c) MUST_CHECK;

/* How it last ended, as "exit 1" or "signal KILL"; cleared if it never has. */
struct child_end_text {
    char text[24];
} child_end_text(const struct child *c) MUST_CHECK;

/* Appends name, pid, seconds, restarts, state, last end and KiB, separated by tabs, and a
 * newline; missing values are empty. */
void child_status(const struct child *c, int64_t now_ms, struct buf *out);

#endif
