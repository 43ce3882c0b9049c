/*
 * inherited: a listening socket from whoever started this program.
 *
 * The protocol of sd_listen_fds(3), which systemd and mesherd speak: LISTEN_PID is this
 * process, LISTEN_FDS is 1, the socket is descriptor 3.  Such a socket outlives the
 * program, so that a restart is a pause for its clients and no error.
 */
#ifndef MESHER_SETUP_INHERITED_H
#define MESHER_SETUP_INHERITED_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"

/* Sets *fd to the socket, made non-blocking and close-on-exec, or to -1 when none was
 * passed.  Returns 0, or -1 with ERROR_CONFIG when what was passed is not one listening
 * Unix socket. */
int inherited_socket(conf_getenv *env, int *fd, struct error *e) MUST_CHECK;

#endif
