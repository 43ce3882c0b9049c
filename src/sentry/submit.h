/*
 * delivery: a whole parcel on its way into the database, and what became of it.
 *
 * Events and records go in one submission, so that they are stored together; attachments
 * follow in submissions of their own, and only when the events that they came with were
 * taken.
 */
#ifndef MESHER_INGEST_DELIVERY_H
#define MESHER_INGEST_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "ingest/ingest.h"
#include "sentry/items.h"

struct delivery {
    int64_t project;
    bool python;    /* the client's events may hold NaN */
    bool strict_id; /* an event_id that is none refuses the event */
    bool has_id;    /* the id of the first event, and of all that belongs to it */
    struct uuid id;
    int64_t sent_at_us;                          /* EVENT_NO_TIME: not given */
    struct str address;                          /* the sender's */
    struct str release, environment, user_agent; /* for browsers' reports */
    /* What became of it: */
    int limited_s;         /* events refused by the limit: seconds to its end, else 0 */
    int records_limited_s; /* likewise records */
};

/* Delivers p; sets id when there is one now.  Returns 0: all was taken that could be, and
 * something was or there was nothing; or -1: ERROR_MALFORMED when an event is none and
 * nothing else was there, ERROR_LIMITED when nothing was taken for the limit,
 * ERROR_POISON, ERROR_FORBIDDEN (the project is gone), ERROR_TOO_LARGE,
 * ERROR_UNAVAILABLE: then the same may be sent again. */
int delivery_run(struct ingest *in, const struct parcel *p, struct delivery *d,
                 struct error *e) MUST_CHECK;

#endif
