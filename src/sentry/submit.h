/*
 * submit: submits all items of a request, and keeps the verdicts.
 *
 * Events and records form one submission, so that they are stored together; attachments
 * follow in submissions of their own, and only if their events were accepted.
 */
#ifndef MESHER_SENTRY_SUBMIT_H
#define MESHER_SENTRY_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "ingest/ingest.h"
#include "sentry/items.h"

struct sentry_submission {
    int64_t project;
    bool python;    /* the client's events may contain NaN */
    bool strict_id; /* an invalid event_id refuses the event */
    bool has_id;    /* the id of the first event and of everything that belongs to it */
    struct uuid id;
    int64_t sent_at_us;                          /* EVENT_NO_TIME: not given */
    struct str address;                          /* the sender's */
    struct str release, environment, user_agent; /* for browsers' reports */
    /* The result: */
    int limited_s;         /* events refused by the limit: seconds to its end, else 0 */
    int records_limited_s; /* likewise records */
    size_t taken;          /* number of things stored or counted */
};

/* Submits p; sets id if there is one now.  Returns 0 when everything acceptable was
 * accepted, and something was or nothing was sent; or -1: ERROR_MALFORMED when an event
 * is invalid and there was nothing else, ERROR_LIMITED when nothing was accepted because
 * of the limit, ERROR_POISON, ERROR_FORBIDDEN (the project was deleted), ERROR_TOO_LARGE,
 * ERROR_UNAVAILABLE: then the request may be sent again. */
int sentry_submit(struct ingest *in, const struct items *p, struct sentry_submission *d,
                  struct error *e) MUST_CHECK;

#endif
