/*
 * sentry: what is behind the endpoints of Sentry's SDKs (sentry-protocol 3.1).
 *
 * Who sends first, as far as the request says it; an envelope may say it in its first
 * line.  Each fills the answer, and e for the log (ERROR_NONE: nothing went wrong).
 */
#ifndef MESHER_INGEST_SENTRY_H
#define MESHER_INGEST_SENTRY_H

#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/ingest.h"

typedef void sentry_endpoint(struct ingest *in, struct ingest_request *rq,
                             struct answer *a, struct error *e);

/* POST …/envelope/, …/store/ (which may be an envelope, too), …/security/; GET …/store/
 * with the event in the query. */
sentry_endpoint sentry_envelope, sentry_store, sentry_security, sentry_store_get;

#endif
