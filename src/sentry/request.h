/*
 * passage: one request to a Sentry endpoint on its way to an answer; for sentry.c and
 * minidump.c only.
 */
#ifndef MESHER_INGEST_PASSAGE_H
#define MESHER_INGEST_PASSAGE_H

#include "base/compat.h"
#include "base/error.h"
#include "event/envelope.h"
#include "ingest/answer.h"
#include "ingest/internal.h"
#include "sentry/auth.h"
#include "sentry/items.h"
#include "sentry/submit.h"

struct passage {
    struct ingest *in;
    struct ingest_request *rq;
    struct visitor visitor;
    struct parcel parcel;
    struct delivery delivery;
    struct envelope envelope;
    bool never_limited; /* who is wrong is told so, and not that there is a limit */
};

/* Begins one; it must be ended with passage_end(). */
void passage_begin(struct passage *w, struct ingest *in, struct ingest_request *rq);

/* Tells the delivery what is known of the visitor. */
void passage_introduce(struct passage *w);

/* Looks at who it is, who must be known and have units left: for endpoints whose bodies
 * are one event.  Returns 0, or -1. */
int passage_enter(struct passage *w, struct error *e) MUST_CHECK;

/* Releases everything.  With rc != 0, what was wrong costs a unit if it is known whose,
 * and is answered; else the answer is for the caller. */
void passage_end(struct passage *w, int rc, struct answer *a, struct error *e);

#endif
