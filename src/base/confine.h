/*
 * confine: drops the privileges that a process no longer needs.
 *
 * Core dumps and debuggers cannot see client data (PR_SET_DUMPABLE, RLIMIT_CORE);
 * set-user-ID programs grant no new privileges; file access is limited to the named paths
 * (Landlock version 2 or later: version 1 cannot rename from one directory to another);
 * system calls are limited to the program's column of the table in confine_calls.c
 * (seccomp).  Features that the kernel lacks are skipped and reported: a missing one
 * never prevents a start.  Confinement cannot be undone, and child processes inherit it.
 */
#ifndef MESHER_BASE_CONFINE_H
#define MESHER_BASE_CONFINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compat.h"

enum confine_program {
    CONFINE_FASTCGI = 1, /* serves requests */
    CONFINE_CGI = 2,     /* serves one request, then forks to replay the spool */
    CONFINE_HANDLER = 4  /* serves a WebSocket */
};

/* A confinement under construction. */
struct confine {
    enum confine_program program;
    int rules;   /* descriptor of the Landlock rules; -1: there are none */
    int version; /* version of Landlock; 0: none */
};

/* The measures in force. */
struct confine_state {
    bool no_dumps, no_new_privs, seccomp;
    int landlock; /* version of Landlock; 0: not in force */
};

/* Begins a confinement; confine_end() must follow. */
struct confine confine_begin(enum confine_program program) MUST_CHECK;

/* Allows reading the files below path (or the file path); a missing path is skipped. */
void confine_read(struct confine *c, const char *path);

/* Allows reading, writing, creating, renaming and removing files below path. */
void confine_write(struct confine *c, const char *path);

/* Allows the same below the directory that contains path, so that path can be created
 * again. */
void confine_write_beside(struct confine *c, const char *path);

/* Puts the confinement into force, as far as the kernel supports it. */
struct confine_state confine_end(struct confine *c) MUST_CHECK;

/* Returns whether this build supports confinement and the kernel has seccomp. */
bool confine_is_possible(void) MUST_CHECK;

/* Returns the kernel's version of Landlock; 0: none, or one too old for Mesher. */
int confine_landlock_version(void) MUST_CHECK;

/* The measures that /proc shows for another process; it does not show Landlock. */
struct confine_seen {
    bool seccomp, no_new_privs;
    uid_t uid; /* its own; root owns /proc/PID of a process that is not dumpable */
    gid_t gid;
};

/* Returns 0, or -1 when there is no such process. */
int confine_look(pid_t pid, struct confine_seen *out) MUST_CHECK;

/* For confine.c: installs the program's system call filter.  Returns whether it is in
 * force. */
bool confine_calls(enum confine_program program) MUST_CHECK;

#endif
