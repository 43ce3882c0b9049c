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
    struct str tags; /* JSON object text that jsonb takes; absent when there are none */
    uint8_t fingerprint[16]; /* xxhash128, canonical (big-endian) form: which issue it
                                belongs to */
};

/* Validates json by the rules of the native API (a wrong type, a bad level, a missing
 * message is ERROR_MALFORMED with a text that names the field; a syntax error names the
 * byte, counted from 0).  The views in *out point into json, into static text or into a:
 * all must outlive *out. Returns 0, or -1 with ERROR_MALFORMED, or ERROR_UNAVAILABLE when
 * the arena is exhausted. */
int event_parse(struct arena *a, struct str json, int64_t received_at_us,
                struct event *out, struct error *e) MUST_CHECK;

/* Finds the event_id that a client sent, in a text that event_parse() may well refuse.
 * False when there is none, or when the text is not JSON. */
bool event_find_id(struct arena *a, struct str json, struct uuid *out) MUST_CHECK;

#endif
