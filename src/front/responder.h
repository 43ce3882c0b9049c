/*
 * responder: what mesher.fcgi is, with a configuration: everything behind the loop, put
 * together.
 */
#ifndef MESHER_FRONT_RESPONDER_H
#define MESHER_FRONT_RESPONDER_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "setup/options.h"

/* Serves FastCGI requests on descriptor 0 when that is a listening socket, else the one
 * CGI request of its environment.  chores: between requests it also does a bounded part
 * of what a ticker would (submit/idle_maintenance.h).  Returns 0, or -1 with e. */
int responder_run(const struct conf *conf, const struct options *options, bool chores,
                  struct error *e) MUST_CHECK;

#endif
