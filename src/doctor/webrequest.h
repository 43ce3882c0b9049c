/*
 * webrequest: one HTTP request through any server in front of Mesher, and its answer.
 *
 * Bodies of any size need no memory: they consist of a head, a filling and a tail.
 */
#ifndef MESHER_DOCTOR_WEBREQUEST_H
#define MESHER_DOCTOR_WEBREQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

#define WEBREQUEST_HEADERS 8U

/* Time limit for a whole request; a large body may go over a slow line. */
#define WEBREQUEST_TIMEOUT_S 15L
#define WEBREQUEST_LARGE_TIMEOUT_S 60L

struct webrequest {
    const char *method; /* "GET", "POST", "OPTIONS" */
    const char *url;
    const char *header[WEBREQUEST_HEADERS]; /* "Name: value"; NULL after the last */
    struct str head, tail;                  /* of the body */
    size_t filling;                         /* blanks between them */
    bool chunked;                           /* no Content-Length; HTTP/1.1 */
    bool upgrade;                           /* to a WebSocket: HTTP/1.1 */
    bool http1;                             /* HTTP/1.1 even over TLS */
    const char *ca_file;                    /* NULL: the system's certificates */
};

struct webanswer {
    long status;      /* 0: no answer */
    char server[128]; /* its Server header; "" if missing */
    char location[512];
    bool cors;       /* it names the origins that may send */
    char body[1024]; /* its beginning, as text */
    int64_t date_s;  /* its Date header, seconds since 1970; -1 if missing */
    int64_t at_s;    /* our clock on its arrival */
    int64_t took_ms;
    bool closes;       /* it says "Connection: close" */
    long keep_alive_s; /* the timeout of its Keep-Alive header; -1 if missing */
};

/* Sends the request.  Returns 0 for any answer, whatever its status, or -1 with
 * ERROR_UNAVAILABLE: the text says what failed; ERROR_SYSTEM: libcurl is missing. */
int webrequest_run(const struct webrequest *w, struct webanswer *out,
                   struct error *e) MUST_CHECK;

#endif
