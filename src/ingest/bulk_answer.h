/*
 * bulk_answer: the answer to a bulk, made of what became of each event.
 *
 * 202 when at least one was stored.  When none was: 429 if the limit was the reason for
 * any, else 503, 500, 401 or 400, in that order; the results stand in the body all the
 * same.
 */
#ifndef MESHER_INGEST_BULK_ANSWER_H
#define MESHER_INGEST_BULK_ANSWER_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "ingest/answer.h"
#include "ingest/prepare.h"
#include "submit/submit.h"
#include "wire/frame.h"

struct bulk {
    struct bulk_item *items;
    struct verdict *verdicts;
    size_t count;
};

/* Fills the answer from items and verdicts; e gets the error that decided, for the log.
 */
void bulk_answer(struct bulk *bulk, struct answer *a, struct error *e);

/* Counts the events that were not even submitted, each for its error. */
void bulk_count(const struct bulk *bulk, struct submit *s, int64_t project);

/* Fills the answer for a bulk of which nothing was submitted: e, and the items' errors.
 */
void bulk_answer_refused(struct bulk *bulk, const struct error *e, struct answer *a);

#endif
