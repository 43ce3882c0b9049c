/*
 * request: one HTTP request from a front, and the format of its answer.
 *
 * FastCGI and CGI differ in the source of parameters and body and in the destination of
 * the answer; this module has what they share: the request's fields and the head of the
 * answer.
 */
#ifndef MESHER_FRONT_REQUEST_H
#define MESHER_FRONT_REQUEST_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "ingest/answer.h"
#include "ingest/body.h"
#include "ingest/ingest.h"
#include "wire/http.h"

struct request {
    enum http_method method;
    bool is_authorizer;       /* asks only whether the request may pass */
    char *const *environment; /* the variables as read */
    struct str path; /* from the last "/api/" on, or the whole path; in `path_bytes` */
    struct buf path_bytes;
    struct ingest_request ingest;
    char id[33]; /* X-Request-Id */
};

/* Reads the CGI variables (RFC 3875) of an environment, "NAME=value" texts up to a NULL;
 * the first of several values wins.  The views in *out point into them and must not
 * outlive them.  Keeps the memory of out->path_bytes from one call to the next: zero it
 * before the first. */
void request_read(struct request *out, char *const *environment,
                  const struct body_source *body);

/* Frees the memory kept. */
void request_release(struct request *rq);

/* Appends the whole answer: CGI status line and headers, and the body. */
void request_format(const struct request *rq, const struct answer *a, struct buf *out);

/* Writes the log line of an answered request; none for a success, unless e is an
 * error. */
void request_log(const struct request *rq, const struct answer *a, const struct error *e,
                 int64_t took_ms);

#endif
