/*
 * child: one process that mesherd keeps running, as a state machine.
 *
 * The functions here do what one state asks for; which child may go to which state, and
 * when, is the tree's affair.
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
#include "super/leftovers.h"
#include "super/watch.h"

#define CHILD_NAME_BYTES (CHILDCONF_NAME_MAX + 8)

enum child_state {
    CHILD_DOWN,     /* does not run and is not meant to */
    CHILD_WAITING,  /* is started at start_at_ms */
    CHILD_STARTING, /* runs, and is not ready; a oneshot: works */
    CHILD_UP,       /* runs and is ready */
    CHILD_STOPPING, /* was asked to end; killed at deadline_ms */
    CHILD_DONE,     /* a oneshot that has done its work */
    CHILD_FAILED    /* said that starting again will not help: down until asked for */
};

/* What the children of a tree share. */
struct child_world {
    const char *run_dir;   /* of the pid files */
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
    bool replace;        /* has a turn to come in a rolling restart */
    bool surplus;        /* its section has fewer instances now */
    bool has_ended;      /* end_status is one */
    bool been_up;        /* was ready once, or has done its work */
    pid_t pid;           /* 0: none */
    int64_t started_ms;  /* STARTING, UP, STOPPING */
    int64_t start_at_ms; /* WAITING */
    int64_t deadline_ms; /* STARTING: to be ready by then; STOPPING: to be gone */
    int64_t probe_at_ms; /* STARTING, and ready when a connection is accepted */
    int64_t restarts;    /* that nobody asked for */
    int end_status;      /* of wait(2) */
    /* As they were when it was started. */
    int stop_signal;
    int64_t stop_timeout_ms;
    struct backoff backoff;
    int ready_fd; /* -1: none */
    struct watch watch;
};

/* Number 0: the only one, named as its section; else NAME-NUMBER. */
void child_init(struct child *c, const struct childconf *conf, const int *listen_fd,
                int number);

/* Starts it.  It is STARTING then, or WAITING for another second when the system has no
 * process for it. */
void child_start(struct child *c, struct child_world *w, int64_t now_ms);

/* Asks it to end (STOPPING), or takes it down at once when it does not run. */
void child_stop(struct child *c, int64_t now_ms);

/* No longer than until at_ms. */
void child_hurry(struct child *c, int64_t at_ms);

/* Its process has ended with this status of wait(2): what is left of its group may
 * finish. The state is the caller's to change. */
void child_ended(struct child *c, struct child_world *w, int status, int64_t now_ms);

/* It said READY=1. */
void child_notified(struct child *c);

/* Kills it when it is late, looks whether it is ready.  Gives when to look again,
 * INT64_MAX for never. */
int64_t child_step(struct child *c, int64_t now_ms) MUST_CHECK;

/* Does a process of it run? */
bool child_runs(const struct child *c) MUST_CHECK;

/* How it ended last, as "exit 1" or "signal KILL"; cleared when it never has. */
struct child_end_text {
    char text[24];
} child_end_text(const struct child *c) MUST_CHECK;

/* Appends name, pid, seconds, restarts, state, last end and KiB, with tabs between them
 * and a newline; what there is none of is empty. */
void child_status(const struct child *c, int64_t now_ms, struct buf *out);

#endif
