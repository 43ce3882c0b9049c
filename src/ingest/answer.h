/*
 * answer: the answer to the client, with the only table from errors to statuses.
 */
#ifndef MESHER_INGEST_ANSWER_H
#define MESHER_INGEST_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"

struct answer {
    int status;        /* HTTP status */
    int retry_after_s; /* 0: no such header */
    const char *allow; /* for 405 and preflights; NULL: no such header */
    int64_t project;   /* for an authorizer's answer; 0: none */
    struct buf body;   /* JSON unless content_type says otherwise; may be empty for 204 */
    const char *content_type; /* NULL: JSON */
    bool is_page;             /* for people: no other site may read or frame it */
    bool is_sentry;           /* an answer to a Sentry SDK */
    char limits[192];         /* X-Sentry-Rate-Limits; empty: none */
    char sentry_error[192];   /* X-Sentry-Error; empty: none */
};

/* Empties a for the next request; keeps the memory of its body. */
void answer_reset(struct answer *a);

/* Returns the status of an error that a client may cause or encounter. */
int answer_status(enum error_kind kind) MUST_CHECK;

/* Sets *a to the 202 for one stored event. */
void answer_accepted(struct answer *a, const struct uuid *id);

/* Sets *a to the answer for e: status, Retry-After, and a body such as {"error":"…"}. */
void answer_error(struct answer *a, const struct error *e);

/* Appends the members of such a body without the braces: "error", and "retry_after" if
 * there is one. */
void answer_error_members(struct buf *b, const struct error *e);

#endif
