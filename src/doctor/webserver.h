/*
 * front: the web server in front of Mesher: which one it is, and which line in which of
 * its files puts something right.
 *
 * Pure: a table of what ARCHITECTURE and conf/ say about each server.
 */
#ifndef MESHER_DOCTOR_FRONT_H
#define MESHER_DOCTOR_FRONT_H

#include <stdint.h>

#include "base/compat.h"
#include "doctor/report.h"

enum front { FRONT_LIGHTTPD, FRONT_NGINX, FRONT_APACHE, FRONT_OTHER, FRONTS };

enum front_fault {
    FRONT_BODY_LIMIT,    /* a body that Mesher would take is refused */
    FRONT_AUTHORIZATION, /* the header Authorization does not arrive */
    FRONT_KEY,           /* another header with a key does not */
    FRONT_CHUNKED,       /* a body without a length is refused, or arrives cut */
    FRONT_ENCODING,      /* Content-Encoding does not arrive */
    FRONT_BACKEND,       /* responders cannot be reached */
    FRONT_PATH,          /* a path of Mesher's does not lead to it */
    FRONT_CORS,          /* OPTIONS does not lead to it */
    FRONT_WS_BACKEND,    /* websocketd cannot be reached */
    FRONT_WS_KEY,        /* WebSockets are passed on without a look at the key */
    FRONT_WS_UPGRADE,    /* the upgrade is not passed on */
    FRONT_FAULTS
};

/* From the Server header of an answer. */
enum front front_of(const char *server) MUST_CHECK;

/* Its name, for people. */
const char *front_name(enum front f) MUST_CHECK;

/* What its processes are called; NULL after the last. */
const char *const *front_programs(enum front f) MUST_CHECK;

/* Adds the lines that put it right to the finding that is begun.  limit: bytes that
 * Mesher takes in one request. */
void front_mend(struct report *r, enum front f, enum front_fault fault, int64_t limit);

#endif
