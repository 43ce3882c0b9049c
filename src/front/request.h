/*
 * request: one HTTP request as a front brings it, and the way its answer is written.
 *
 * FastCGI and CGI differ in where parameters, body and output are; what is a request and
 * what stands in the head of an answer is the same, and is here.
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
    bool is_authorizer;       /* may this request pass?  Its body is not ours. */
    char *const *environment; /* as it was read */
    struct str path; /* from the last "/api/" on, or the whole path; in `path_bytes` */
    struct buf path_bytes;
    struct ingest_request ingest;
    char id[33]; /* X-Request-Id */
};

/* Reads the CGI variables (RFC 3875) of an environment, "NAME=value" texts up to a NULL;
 * of a name that is given twice the first counts.  The views in *out point into them and
 * must not outlive them. Keeps the memory of out->path_bytes from one call to the next:
 * zero it before the first. */
void request_read(struct request *out, char *const *environment,
                  const struct body_source *body);

/* Frees what is kept. */
void request_release(struct request *rq);

/* Appends the whole answer: CGI status line and headers, and the body. */
void request_format(const struct request *rq, const struct answer *a, struct buf *out);

/* Writes the log line of an answered request; none for what went well, unless e says that
 * something did not. */
void request_log(const struct request *rq, const struct answer *a, const struct error *e,
                 int64_t took_ms);

#endif
