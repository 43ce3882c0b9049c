/*
 * webrequest: one HTTP request through whatever is in front of Mesher, and its answer.
 *
 * Bodies of any size cost no memory: they are a head, a filling and a tail.
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

/* For the whole of a request; a large body may go over a slow line. */
#define WEBREQUEST_TIMEOUT_S 15L
#define WEBREQUEST_LARGE_TIMEOUT_S 60L

struct webrequest {
    const char *method; /* "GET", "POST", "OPTIONS" */
    const char *url;
    const char *header[WEBREQUEST_HEADERS]; /* "Name: value"; NULL after the last */
    struct str head, tail;                  /* of the body */
    size_t filling;                         /* blanks between them */
    bool chunked;                           /* without a length; HTTP/1.1 */
    bool upgrade;                           /* to a WebSocket: HTTP/1.1 */
    const char *ca_file;                    /* NULL: the system's certificates */
};

struct webanswer {
    long status;      /* 0: there was none */
    char server[128]; /* its Server header; "" without */
    char location[512];
    bool cors;       /* it says which origins may send */
    char body[1024]; /* its beginning, as a text */
    int64_t date_s;  /* its Date header, seconds since 1970; -1 without */
    int64_t at_s;    /* our clock when it came */
    int64_t took_ms;
};

/* Makes the request.  Returns 0 when there was an answer, whatever its status, or -1 with
 * ERROR_UNAVAILABLE: the text says what went wrong on the way; ERROR_SYSTEM: libcurl is
 * missing. */
int webrequest_run(const struct webrequest *w, struct webanswer *out,
                   struct error *e) MUST_CHECK;

#endif
