/*
 * ingest: the path of an event, in the order of the design.
 *
 * Key first; a project over its limit is refused with the body unread; body under limits;
 * parse and normalise; submit; answer.  A 202 is given only after the commit.  Fronts
 * (FastCGI, CGI) bring a request and take the answer away; nothing in here knows how it
 * came.
 */
#ifndef MESHER_INGEST_INGEST_H
#define MESHER_INGEST_INGEST_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "ingest/answer.h"
#include "ingest/body.h"
#include "submit/submit.h"
#include "wire/authkey.h"

struct ingest;

struct rules;

struct ingest_settings {
    struct submit *submit; /* kept */
    /* Of the Sentry endpoints: a request as sent and inflated, one event, one attachment,
     * and where attachments are held meanwhile. */
    size_t request_max_bytes, inflated_max_bytes, event_max_bytes, attachment_max_bytes;
    const char *temp_dir; /* kept */
    size_t bulk_max_events, bulk_max_bytes;
    const struct rules *rules; /* kept; of grouping; NULL: none */
    int compression_level;     /* zstd */
    bool trust_end_of_stream;  /* false: a body without length may have been cut unseen
                                  (CGI) */
};

struct ingest_request {
    struct authkey_sources auth;
    struct body_source body;
    struct str content_type;
    struct str origin;  /* of the page that sends; absent: it is none */
    struct str referer; /* which page that was */
    struct str address; /* the sender's */
    struct str user_agent;
    struct str path_project; /* the project that the path names; absent: none */
    int64_t project;         /* set by ingest, for the log: 0 while not known */
};

/* Makes caches and buffers.  Gives it for ingest_free(), or NULL (ENOMEM). */
struct ingest *ingest_new(const struct ingest_settings *settings) MUST_CHECK;

/* Frees in; NULL is allowed. */
void ingest_free(struct ingest *in);

/* Finds the request's key and sets its project.  Returns 0, or -1: ERROR_UNAUTHORIZED,
 * ERROR_UNAVAILABLE. */
int ingest_authorize(struct ingest *in, struct ingest_request *rq,
                     struct error *e) MUST_CHECK;

/* POST /api/v1/events and /api/v1/events/bulk.  Fill the answer; e keeps what went wrong,
 * for the log (ERROR_NONE: nothing). */
void ingest_event(struct ingest *in, struct ingest_request *rq, struct answer *a,
                  struct error *e);
void ingest_bulk(struct ingest *in, struct ingest_request *rq, struct answer *a,
                 struct error *e);

#endif
