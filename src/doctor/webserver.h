/*
 * webserver: identifies the web server in front of Mesher, and names the file and line of
 * its configuration that fixes a fault.
 *
 * Pure: a table of the advice in ARCHITECTURE and conf/ for each server.
 */
#ifndef MESHER_DOCTOR_WEBSERVER_H
#define MESHER_DOCTOR_WEBSERVER_H

#include <stdint.h>

#include "base/compat.h"
#include "doctor/report.h"

enum webserver {
    WEBSERVER_LIGHTTPD,
    WEBSERVER_NGINX,
    WEBSERVER_APACHE,
    WEBSERVER_OTHER,
    N_WEBSERVERS
};

enum webserver_fault {
    WEBSERVER_BODY_LIMIT,    /* refuses a body that Mesher would accept */
    WEBSERVER_AUTHORIZATION, /* does not pass on the header Authorization */
    WEBSERVER_KEY,           /* does not pass on another header with a key */
    WEBSERVER_CHUNKED,       /* refuses or truncates a body without a length */
    WEBSERVER_ENCODING,      /* does not pass on Content-Encoding */
    WEBSERVER_BACKEND,       /* cannot reach the responders */
    WEBSERVER_PATH,          /* does not route one of Mesher's paths to it */
    WEBSERVER_CORS,          /* does not route OPTIONS to it */
    WEBSERVER_IDLE,          /* closes idle connections that clients still reuse */
    WEBSERVER_WS_BACKEND,    /* cannot reach websocketd */
    WEBSERVER_WS_KEY,        /* passes WebSockets on without checking the key */
    WEBSERVER_WS_UPGRADE,    /* does not pass on the upgrade */
    N_WEBSERVER_FAULTS
};

/* Identifies the server from the Server header of an answer. */
enum webserver webserver_of(const char *server) MUST_CHECK;

/* Returns its name, for people. */
const char *webserver_name(enum webserver f) MUST_CHECK;

/* Returns the names of its processes; NULL after the last. */
const char *const *webserver_programs(enum webserver f) MUST_CHECK;

/* Adds the lines that fix the fault to the current finding.  limit: bytes that Mesher
 * accepts in one request. */
void webserver_advise(struct report *r, enum webserver f, enum webserver_fault fault,
                      int64_t limit);

#endif
