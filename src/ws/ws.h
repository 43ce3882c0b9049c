/*
 * ws: a session on descriptors 0 and 1, under websocketd.
 *
 * websocketd gives each message as bytes on descriptor 0 and makes a message of each line
 * on descriptor 1.  At the end of input, and after SIGTERM, what was read is finished and
 * answered before the process goes.
 */
#ifndef MESHER_FRONT_WS_H
#define MESHER_FRONT_WS_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"

/* Serves the connection of this process's environment.  Returns 0, also when it was
 * refused, or -1 with ERROR_SYSTEM. */
int ws_serve(const struct conf *conf, struct error *e) MUST_CHECK;

#endif
