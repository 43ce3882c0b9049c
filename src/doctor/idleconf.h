/*
 * idleconf: finds in the configuration of a web server how long it keeps idle
 * connections.
 *
 * Reads the files as their server does, as far as this setting needs it: lighttpd's
 * `server.max-keep-alive-idle`, nginx's `keepalive_timeout`, Apache's `KeepAliveTimeout`
 * and `KeepAlive`; comments, quotes, blocks and includes.  A value in the block of the
 * site that listens on a port precedes the server's; those of other sites do not count.
 */
#ifndef MESHER_DOCTOR_IDLECONF_H
#define MESHER_DOCTOR_IDLECONF_H

#include <limits.h>
#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "doctor/webserver.h"

/* Files and blocks of a configuration that are read; the rest is ignored. */
#define IDLECONF_FILES 256U
#define IDLECONF_DEPTH 16U
#define IDLECONF_NESTING 8U /* of included files */

struct idleconf {
    long ms;                /* 0: it closes each connection after its answer */
    char at[PATH_MAX + 16]; /* "FILE:LINE"; "" if it is the server's default */
};

/* Reads the configuration at path.  root: where relative names of included files begin;
 * NULL: at the directory of path.  port: the one that the site listens on.  Returns 0, or
 * -1 with ERROR_SYSTEM (the file is not readable) or ERROR_CONFIG (the server is not one
 * of the three). */
int idleconf_read(enum webserver server, const char *path, const char *root,
                  unsigned port, struct idleconf *out, struct error *e) MUST_CHECK;

/* Returns whether a text has the port as a number of its own. */
bool idleconf_has_port(struct str text, unsigned port) MUST_CHECK;

#endif
