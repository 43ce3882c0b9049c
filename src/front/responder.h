/*
 * responder: mesher.fcgi, given a configuration: the loop and everything behind it.
 */
#ifndef MESHER_FRONT_RESPONDER_H
#define MESHER_FRONT_RESPONDER_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "setup/options.h"

/* Serves FastCGI requests on descriptor 0 if that is a listening socket, else the one CGI
 * request in its environment.  maintenance: between requests it also does a bounded part
 * of the ticker's work (submit/idle_maintenance.h).  Returns 0, or -1 with e. */
int responder_run(const struct conf *conf, const struct options *options,
                  bool maintenance, struct error *e) MUST_CHECK;

#endif
