/*
 * fcgi: the loop of a persistent FastCGI responder on descriptor 0.
 *
 * One request at a time; SIGTERM and SIGUSR1 end the loop after the request in hand, and
 * at once when there is none.
 */
#ifndef MESHER_FRONT_FCGI_H
#define MESHER_FRONT_FCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "front/route.h"

/* Is descriptor 0 a listening socket?  Otherwise the program was started as plain CGI. */
bool fcgi_is_wanted(void) MUST_CHECK;

/* Serves until a signal.  A request whose body is not there after body_timeout_ms is
 * refused.  Returns 0, or -1 with ERROR_SYSTEM. */
int fcgi_serve(const struct route_services *services, int64_t body_timeout_ms,
               struct error *e) MUST_CHECK;

#endif
