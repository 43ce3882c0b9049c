/*
 * cgi: serves one request by RFC 3875: variables in the environment, body on descriptor
 * 0, answer on descriptor 1.
 */
#ifndef MESHER_FRONT_CGI_H
#define MESHER_FRONT_CGI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "front/route.h"

/* Answers the request in this process's environment.  A body that has not arrived after
 * body_timeout_ms is refused.  Returns 0, or -1 with ERROR_SYSTEM when the answer could
 * not be written. */
int cgi_serve(const struct route_services *services, int64_t body_timeout_ms,
              struct error *e) MUST_CHECK;

/* Returns whether a web server started the program, as CGI or FastCGI, with a request in
 * its environment. */
bool cgi_has_request(void) MUST_CHECK;

/* Writes the answer of a program that cannot start: 503. */
void cgi_apologise(void);

#endif
