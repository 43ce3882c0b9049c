/*
 * ingest: the path of an event.
 *
 * First the key; a project over its limit is refused with the body unread; then the body
 * within limits; parse and normalise; submit; answer.  A 202 is sent only after the
 * commit.  Fronts (FastCGI, CGI) bring a request and send the answer; the code here does
 * not depend on them.
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
    /* For the Sentry endpoints: limits of a request as sent and decompressed, of one
     * event and one attachment, and the directory for attachments in progress. */
    size_t request_max_bytes, inflated_max_bytes, event_max_bytes, attachment_max_bytes;
    const char *temp_dir; /* kept */
    size_t bulk_max_events, bulk_max_bytes;
    const struct rules *rules; /* kept; grouping rules; NULL: none */
    int compression_level;     /* zstd */
    bool trust_end_of_stream;  /* false: no length, no proof of completeness (CGI) */
};

struct ingest_request {
    struct authkey_sources auth;
    struct body_source body;
    struct str content_type;
    struct str origin;  /* of the page that sends; absent: not a page */
    struct str referer; /* the address of that page */
    struct str address; /* the sender's */
    struct str user_agent;
    struct str path_project; /* the project in the path; absent: none */
    struct str path_event;   /* the event in the path; absent: none */
    struct str path_monitor; /* likewise the monitor */
    struct str path_key;     /* likewise the key */
    int64_t project;         /* set by ingest, for the log: 0 while unknown */
};

/* Creates caches and buffers.  Returns an object to be freed with ingest_free(), or NULL
 * (ENOMEM). */
struct ingest *ingest_new(const struct ingest_settings *settings) MUST_CHECK;

/* Frees in, which may be NULL. */
void ingest_free(struct ingest *in);

/* Finds the request's key and sets its project.  Returns 0, or -1: ERROR_UNAUTHORIZED,
 * ERROR_UNAVAILABLE. */
int ingest_authorize(struct ingest *in, struct ingest_request *rq,
                     struct error *e) MUST_CHECK;

/* POST /api/v1/events and /api/v1/events/bulk.  Fill the answer; e is set to the error
 * for the log (ERROR_NONE: none). */
void ingest_event(struct ingest *in, struct ingest_request *rq, struct answer *a,
                  struct error *e);
void ingest_bulk(struct ingest *in, struct ingest_request *rq, struct answer *a,
                 struct error *e);

/* Stores an event of Mesher's own, a JSON object as for POST /api/v1/events.  Returns 0
 * when it is stored, or was before; or -1: ERROR_LIMITED, ERROR_FILTERED,
 * ERROR_UNAVAILABLE, ERROR_FORBIDDEN (the project was deleted), ERROR_POISON,
 * ERROR_MALFORMED. */
int ingest_own(struct ingest *in, int64_t project, struct str text,
               struct error *e) MUST_CHECK;

#endif
