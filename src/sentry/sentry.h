/*
 * sentry: the endpoints of Sentry's SDKs (sentry-protocol 3.1).
 *
 * Each identifies the sender first, as far as the request tells; an envelope may identify
 * it in its first line.  Each fills the answer, and e for the log (ERROR_NONE: no error).
 */
#ifndef MESHER_SENTRY_SENTRY_H
#define MESHER_SENTRY_SENTRY_H

#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/ingest.h"

typedef void sentry_endpoint(struct ingest *in, struct ingest_request *rq,
                             struct answer *a, struct error *e);

/* POST …/envelope/, …/store/ (whose body may be an envelope, too), …/security/; GET
 * …/store/ with the event in the query. */
sentry_endpoint sentry_envelope, sentry_store, sentry_security, sentry_store_get;

#endif
