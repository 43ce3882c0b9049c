/*
 * visitor: may who sends this request to a Sentry endpoint send at all?
 *
 * Key, project, origin and limit, in the words of Sentry's own server.
 */
#ifndef MESHER_INGEST_VISITOR_H
#define MESHER_INGEST_VISITOR_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "ingest/ingest.h"
#include "ingest/internal.h"
#include "wire/sentryauth.h"

struct visitor {
    struct sentryauth auth;
    bool known;         /* the key is good; rq->project is set */
    bool limited;       /* the project is known to have no unit left */
    struct error limit; /* then: what is to be said */
};

/* Looks at everything but the body.  A request without a key is not refused here: known
 * is false.  Returns 0, or -1: ERROR_UNAUTHORIZED, ERROR_FORBIDDEN, ERROR_MALFORMED,
 * ERROR_UNAVAILABLE. */
int visitor_read(struct ingest *in, struct ingest_request *rq, struct visitor *v,
                 struct error *e) MUST_CHECK;

/* The same where there must be a key. */
int visitor_require(struct ingest *in, struct ingest_request *rq, struct visitor *v,
                    struct error *e) MUST_CHECK;

/* Takes the dsn of an envelope's header (absent: none) into account: it is the key when
 * there is no other, and must agree with what is known already.  Returns as above. */
int visitor_dsn(struct ingest *in, struct ingest_request *rq, struct visitor *v,
                struct str dsn, struct error *e) MUST_CHECK;

#endif
