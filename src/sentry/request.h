/*
 * request: the state of one request to a Sentry endpoint; private to sentry.c and
 * minidump.c.
 */
#ifndef MESHER_SENTRY_REQUEST_H
#define MESHER_SENTRY_REQUEST_H

#include "base/compat.h"
#include "base/error.h"
#include "event/envelope.h"
#include "ingest/answer.h"
#include "ingest/internal.h"
#include "sentry/auth.h"
#include "sentry/items.h"
#include "sentry/submit.h"

struct sentry_request {
    struct items items;
    struct ingest *in;
    struct ingest_request *rq;
    struct auth auth;
    struct sentry_submission submission;
    struct envelope envelope;
    bool never_limited; /* answer an invalid request as such even over the limit */
};

/* Begins a request; it must be ended with sentry_request_end(). */
void sentry_request_begin(struct sentry_request *w, struct ingest *in,
                          struct ingest_request *rq);

/* Copies the facts about the sender into the submission. */
void sentry_request_introduce(struct sentry_request *w);

/* Identifies the sender, who must be known and have units left: for endpoints whose body
 * is one event.  Returns 0, or -1. */
int sentry_request_enter(struct sentry_request *w, struct error *e) MUST_CHECK;

/* Releases everything.  With rc != 0 the failure is charged a unit, if the project is
 * known, and answered; otherwise the caller writes the answer. */
void sentry_request_end(struct sentry_request *w, int rc, struct answer *a,
                        struct error *e);

#endif
