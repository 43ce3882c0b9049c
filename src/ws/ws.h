/*
 * ws: a connection on descriptors 0 and 1, under websocketd.
 *
 * websocketd writes each message as bytes to descriptor 0 and sends each line from
 * descriptor 1 as a message.  At the end of input, and after SIGTERM, messages already
 * read are finished and answered before the process exits.
 */
#ifndef MESHER_WS_WS_H
#define MESHER_WS_WS_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"

/* Serves the connection of this process's environment.  Returns 0, also when it was
 * refused, or -1 with ERROR_SYSTEM. */
int ws_serve(const struct conf *conf, struct error *e) MUST_CHECK;

#endif
