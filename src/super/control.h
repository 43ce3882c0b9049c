/*
 * control: the Unix socket on which mesherd takes requests from mesherctl.
 *
 * A request is a line: `status`, `reload`, `restart`, `restart NAME` or `stop`.  The
 * answer consists of lines, the last of which is `ok` or `error` and a reason; then the
 * connection ends.  A request that takes long is answered when it is done.  Allowed users
 * are root, the user of mesherd, and the users listed in the configuration; others get an
 * error.
 */
#ifndef MESHER_SUPER_CONTROL_H
#define MESHER_SUPER_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/peer.h"
#include "super/watch.h"

#define CONTROL_SOCKET "mesherd.sock"
#define CONTROL_LINE_BYTES 256U

/* Further connections are refused until one has ended. */
#define CONTROL_CONNECTIONS 16

enum control_verdict {
    CONTROL_DONE,   /* `ok` */
    CONTROL_LATER,  /* answered by control_finish() */
    CONTROL_REFUSED /* `error`, with e */
};

/* Executes a request; appends lines to out. */
typedef enum control_verdict control_request(void *context, struct str request,
                                             struct buf *out, struct error *e);

struct control {
    control_request *on_request;
    void *context;
    int watch_set, listen_fd;
    struct watch watch;
    struct peers peers;

    struct control_connection {
        struct control *all;
        int fd;     /* -1: free */
        bool waits; /* for control_finish() */
        size_t n;
        char line[CONTROL_LINE_BYTES];
        struct watch watch;
    } connections[CONTROL_CONNECTIONS];
};

/* Listens in the directory (of any length), for root and the user of this process only.
 * Returns 0, or -1 with ERROR_SYSTEM; c must not be moved until control_close(). */
int control_open(struct control *c, const char *dir, int watch_set,
                 control_request *on_request, void *context, struct error *e) MUST_CHECK;

/* Allows these users as well.  The socket's file then admits everybody, and the directory
 * those that its mode allows.  Returns 0, or -1 with ERROR_SYSTEM. */
int control_allow(struct control *c, const char *dir, const struct peers *users,
                  struct error *e) MUST_CHECK;

/* Answers all waiting connections: `ok`, or the error (e NULL, or of kind NONE: ok). */
void control_finish(struct control *c, const struct error *e);

/* Returns whether a connection is waiting. */
bool control_is_waited_for(const struct control *c) MUST_CHECK;

/* Ends the connections and removes the socket. */
void control_close(struct control *c, const char *dir);

/* Writes "/proc/self/fd/N/NAME": a path to a socket in an open directory, short enough
 * for any directory. */
void control_path(int dir_fd, char out[64]);

#endif
