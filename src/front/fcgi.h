/*
 * fcgi: the loop of a persistent FastCGI responder on descriptor 0.
 *
 * One request at a time; SIGTERM and SIGUSR1 end the loop after the current request, or
 * at once when there is none.
 */
#ifndef MESHER_FRONT_FCGI_H
#define MESHER_FRONT_FCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "front/route.h"

/* Returns whether descriptor 0 is a listening socket.  Otherwise the program was started
 * as plain CGI. */
bool fcgi_is_wanted(void) MUST_CHECK;

struct fcgi_settings {
    int64_t body_timeout_ms; /* a request whose body has not arrived by then is refused */
    unsigned slow_requests;  /* that may wait on all processes of the socket together */
};

/* Serves until a signal; pace.h and watchdog.h handle slow peers.  When descriptors or
 * memory run out, it waits.  Returns 0, or -1 with ERROR_SYSTEM. */
int fcgi_serve(const struct route_services *services,
               const struct fcgi_settings *settings, struct error *e) MUST_CHECK;

#endif
