/*
 * auth: checks the key, project, origin and limit of a request to a Sentry endpoint;
 * refusals are worded as Sentry's own server words them.
 */
#ifndef MESHER_SENTRY_AUTH_H
#define MESHER_SENTRY_AUTH_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "ingest/ingest.h"
#include "ingest/internal.h"
#include "wire/sentryauth.h"

struct auth {
    struct sentryauth auth;
    bool known;         /* the key is good; rq->project is set */
    bool limited;       /* the project is known to have no unit left */
    struct error limit; /* if so: the error for the client */
};

/* Checks everything but the body.  A request without a key is not refused here: known is
 * false.  Returns 0, or -1: ERROR_UNAUTHORIZED, ERROR_FORBIDDEN, ERROR_MALFORMED,
 * ERROR_UNAVAILABLE. */
int auth_read(struct ingest *in, struct ingest_request *rq, struct auth *v,
              struct error *e) MUST_CHECK;

/* The same for endpoints that require a key. */
int auth_require(struct ingest *in, struct ingest_request *rq, struct auth *v,
                 struct error *e) MUST_CHECK;

/* Applies the dsn of an envelope's header (absent: none): it provides the key if there is
 * no other, and must agree with the facts already known.  Returns as above. */
int auth_dsn(struct ingest *in, struct ingest_request *rq, struct auth *v, struct str dsn,
             struct error *e) MUST_CHECK;

#endif
