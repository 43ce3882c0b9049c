/*
 * inherited: takes over a listening socket from the process that started this program.
 *
 * The protocol is that of sd_listen_fds(3), which systemd and mesherd use: LISTEN_PID is
 * this process, LISTEN_FDS is 1, the socket is descriptor 3.  Such a socket outlives the
 * program, so a restart delays clients but causes no errors.
 */
#ifndef MESHER_SETUP_INHERITED_H
#define MESHER_SETUP_INHERITED_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"

/* Sets *fd to the socket, made non-blocking and close-on-exec, or to -1 when none was
 * passed.  Returns 0, or -1 with ERROR_CONFIG when the passed descriptors are not exactly
 * one listening Unix socket. */
int inherited_socket(conf_getenv *env, int *fd, struct error *e) MUST_CHECK;

#endif
