/*
 * spawn: starts a program as a child that cannot outlive mesherd unnoticed.
 *
 * The child leads its own process group, gets a signal when mesherd dies, and has no
 * descriptors but 0, 1, 2 and those passed to it.
 */
#ifndef MESHER_SUPER_SPAWN_H
#define MESHER_SUPER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"

/* Exit code of a child whose program is missing or cannot be run, as in a shell. */
#define SPAWN_NO_PROGRAM 127

struct spawn {
    char *const *command;      /* a program (by path, or in PATH), arguments, NULL */
    const char *log_file;      /* for descriptors 1 and 2; "": mesherd's */
    const char *conf_path;     /* MESHER_CONF; NULL: unchanged */
    const char *notify_socket; /* NOTIFY_SOCKET; NULL: none */
    int listen_fd;             /* -1: none */
    bool listen_as_stdin;      /* else as descriptor 3, by LISTEN_FDS */
    int ready_fd;              /* a pipe; -1: none */
    int ready_as; /* number in the child; -1: closed on start, has a byte on failure */
    int death_signal; /* what the child gets when mesherd dies */
};

/* Starts the child.  Returns its pid, which is also that of its group, or -1 with
 * ERROR_SYSTEM.  A failure within the child ends it: with SPAWN_NO_PROGRAM or 111, and a
 * line in its log. */
pid_t spawn_run(const struct spawn *s, struct error *e) MUST_CHECK;

#endif
