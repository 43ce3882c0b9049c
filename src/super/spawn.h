/*
 * spawn: starts a program as a child that cannot outlive mesherd unnoticed.
 *
 * The child leads a process group of its own, gets a signal when mesherd dies, and has no
 * descriptors but 0, 1, 2 and those it is meant to have.
 */
#ifndef MESHER_SUPER_SPAWN_H
#define MESHER_SUPER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compat.h"
#include "base/error.h"

/* What a child exits with whose program is not there or cannot be run, as in a shell. */
#define SPAWN_NO_PROGRAM 127

struct spawn {
    char *const *command;      /* a program (by path, or in PATH), arguments, NULL */
    const char *log_file;      /* for descriptors 1 and 2; "": mesherd's */
    const char *conf_path;     /* MESHER_CONF; NULL: as it is */
    const char *notify_socket; /* NOTIFY_SOCKET; NULL: none */
    int listen_fd;             /* -1: none */
    bool listen_as_stdin;      /* else as descriptor 3, by LISTEN_FDS */
    int ready_fd;              /* a pipe; -1: none */
    int ready_as; /* its number in the child; -1: it is closed when the program begins,
                     and has a byte in it if the program cannot */
    int death_signal; /* what the child gets when mesherd dies */
};

/* Starts it.  Gives its number, which is that of its group, or -1 with ERROR_SYSTEM. What
 * fails in the child ends it: with SPAWN_NO_PROGRAM or 111, and a line in its log. */
pid_t spawn_run(const struct spawn *s, struct error *e) MUST_CHECK;

#endif
