/*
 * event: validates and normalises one event from its JSON text.  Between event_parse()
 * and event_finish(), grouping/grouping.h determines its issue.
 *
 * The text must be RFC 8259 and an object; the fields are those of Mesher's native API
 * and of Sentry's event shape (one format here, which differ only in strictness).  The
 * text is never changed: the stored payload is the text itself, and the fields below are
 * copies, truncated and cleaned so that PostgreSQL accepts them: valid UTF-8 without NUL,
 * with lone surrogates replaced by U+FFFD.  No I/O, no clock, no database.
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
#include "wire/event_columns.h"

/* A time that was not given. */
#define EVENT_NO_TIME INT64_MIN

#define EVENT_MEMBER_TEXT(column) struct str column;
#define EVENT_MEMBER_OBJECT(column) struct str column;
#define EVENT_MEMBER_LIST(column) struct str column;
#define EVENT_MEMBER_UUID(column)
#define EVENT_MEMBER_TIME(column)
#define EVENT_MEMBER_BYTES(column)
#define EVENT_MEMBER_PAYLOAD(column)
#define EVENT_MEMBER(number, NAME, column, kind, ...) EVENT_MEMBER_##kind(column)

struct event {
    bool has_id;          /* the client sent an event_id */
    struct uuid id;       /* it */
    int64_t timestamp_us; /* microseconds since 1970 UTC; default: time of receipt */
    /* Texts and JSON that jsonb accepts, one for each such column: level and title are
     * never absent; message is absent when only an exception was sent; user_id is
     * user.id, else email, username or ip_address; type and value are those of the
     * outermost exception; errors lists the problems of an event that is stored
     * nevertheless. */
    EVENT_COLUMNS(EVENT_MEMBER)
    struct str template; /* the template of the message, in full */
    /* The value "{{auto}}" of user.ip_address, a slice of the text, and the address that
     * it stands for; both absent when there is none, or when it is unknown. */
    struct str address_at, address;
    bool is_transaction;         /* a transaction rather than an event */
    uint8_t fingerprint[16];     /* identifies its issue (fingerprint.h) */
    uint8_t old_fingerprint[16]; /* of the version before, if it was wanted */
    bool has_old_fingerprint;
};

struct work;

/* Parses json by the rules of the native API (a wrong type, a bad level or a missing
 * message is ERROR_MALFORMED with a text that names the field; a syntax error names the
 * byte, counted from 0).  The views in *out and *w point into json, into static text or
 * into a: all must outlive them.  The fields that event_finish() sets are not set yet.
 * Returns 0, or -1 with ERROR_MALFORMED, or ERROR_UNAVAILABLE when the arena is
 * exhausted. */
int event_parse(struct work *w, struct arena *a, struct str json, int64_t received_at_us,
                struct event *out, struct error *e) MUST_CHECK;

/* Facts about an event that the Sentry endpoints know in addition to its text. */
struct event_sentry {
    bool has_id;    /* the envelope's header gave the id */
    struct uuid id; /* it */
    bool strict_id; /* an invalid event_id refuses the event */
    bool python;    /* the client may send NaN */
    int64_t received_at_us;
    int64_t sent_at_us; /* EVENT_NO_TIME: not given */
    struct str address; /* the sender's, for "{{auto}}"; absent: unknown */
};

/* Parses json by the rules of the Sentry endpoints (sentry-protocol 6): accepts every
 * shape, leaves out members of a wrong type and notes them in out->errors, corrects
 * times.  Refuses only a text that is not a JSON object and, with strict_id, an invalid
 * event_id.  how must outlive *w. */
int event_parse_sentry(struct work *w, struct arena *a, struct str json,
                       const struct event_sentry *how, struct event *out,
                       struct error *e) MUST_CHECK;

/* Sets the title, the culprit and the list of problems.  Requires the exception that
 * counts, and the title set by a rule.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int event_finish(struct work *w, struct event *out, struct error *e) MUST_CHECK;

/* Finds the event_id in a client's text, including one that event_parse() refuses.
 * Returns false when there is none, or when the text is not JSON. */
bool event_find_id(struct arena *a, struct str json, struct uuid *out) MUST_CHECK;

#endif
