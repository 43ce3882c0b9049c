/*
 * bulk_answer: the answer to a bulk, built from the results of its events.
 *
 * 202 when at least one was stored.  Otherwise 429 if any event was over the limit, else
 * 503, 500, 401 or 400, in that order; the body has the results in every case.
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
    struct bulk_entry *items;
    struct verdict *verdicts;
    size_t count;
};

/* Fills the answer from items and verdicts; sets e to the decisive error, for the log. */
void bulk_answer(struct bulk *bulk, struct answer *a, struct error *e);

/* Counts the events that were not submitted, each by its error. */
void bulk_count(const struct bulk *bulk, struct submit *s, int64_t project);

/* Fills the answer for a bulk of which nothing was submitted: e, and the items'
 * errors. */
void bulk_answer_refused(struct bulk *bulk, const struct error *e, struct answer *a);

#endif
