/*
 * event: one JSON text in, one validated and normalised event out.
 *
 * The text must be RFC 8259 and an object; the fields are those of Mesher's native API
 * and of Sentry's event shape (both are one language here, apart from the strictness
 * below).  What the client sent is never changed: the payload that is stored is the text
 * itself, the fields below are copies, cut and cleaned so that PostgreSQL takes them:
 * valid UTF-8 without NUL, lone surrogates replaced by U+FFFD.  No I/O, no clock, no
 * database.
 */
#ifndef MESHER_EVENT_EVENT_H
#define MESHER_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

/* "Not given" among times. */
#define EVENT_NO_TIME INT64_MIN

struct event {
    bool has_id;          /* the client sent an event_id */
    struct uuid id;       /* it */
    int64_t timestamp_us; /* microseconds since 1970 UTC; the receipt time when none was
                             sent */
    struct str level;     /* fatal, error, warning, info or debug; never absent */
    struct str title;     /* never absent */
    struct str message; /* absent when only an exception was sent; likewise the others */
    struct str culprit;
    struct str environment;
    struct str release;
    struct str platform;
    struct str server_name;
    struct str transaction;
    struct str user_id; /* user.id, else email, username, ip_address */
    struct str type;    /* of the outermost exception */
    struct str value;
    struct str errors;   /* JSON list text that jsonb takes: what was wrong with an event
                            that is kept all the same */
    struct str template; /* what the message was formatted from, in full */
    bool is_transaction; /* no event at all, but a transaction */
    struct str tags; /* JSON object text that jsonb takes; absent when there are none */
    uint8_t fingerprint[16]; /* which issue it belongs to (fingerprint.h) */
};

struct rules;
struct group_record;

/* How events are grouped besides what they say themselves. */
struct event_grouping {
    const struct rules *rules;   /* of the administrator's; NULL: none */
    struct group_record *record; /* gets how this event was grouped; NULL: nobody asks */
};

/* Validates json by the rules of the native API (a wrong type, a bad level, a missing
 * message is ERROR_MALFORMED with a text that names the field; a syntax error names the
 * byte, counted from 0).  The views in *out point into json, into static text or into a:
 * all must outlive *out. Returns 0, or -1 with ERROR_MALFORMED, or ERROR_UNAVAILABLE when
 * the arena is exhausted.  grouping may be NULL. */
int event_parse(struct arena *a, struct str json, int64_t received_at_us,
                const struct event_grouping *grouping, struct event *out,
                struct error *e) MUST_CHECK;

/* What the Sentry endpoints know about an event besides its text. */
struct event_sentry {
    bool has_id;    /* the envelope's header gives the id */
    struct uuid id; /* it */
    bool strict_id; /* an event_id that is none refuses the event */
    bool python;    /* the client may write NaN */
    int64_t received_at_us;
    int64_t sent_at_us; /* EVENT_NO_TIME: not given */
    struct str address; /* the sender's, for "{{auto}}"; absent: not known */
    const struct event_grouping *grouping; /* may be NULL */
};

/* The same by the rules of the Sentry endpoints (sentry-protocol 6): every shape is
 * taken, what is of a wrong type is left out and noted in out->errors, times are set
 * right. Only a text that is no JSON object is refused, and with strict_id a bad
 * event_id. */
int event_parse_sentry(struct arena *a, struct str json, const struct event_sentry *how,
                       struct event *out, struct error *e) MUST_CHECK;

/* Finds the event_id that a client sent, in a text that event_parse() may well refuse.
 * False when there is none, or when the text is not JSON. */
bool event_find_id(struct arena *a, struct str json, struct uuid *out) MUST_CHECK;

#endif
