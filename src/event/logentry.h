/*
 * logentry: the message of an event, in every form that clients send.
 *
 * Either a text, or an object with a template ("message"), its parameters ("params") and
 * perhaps the formatted text.  If the client left the formatting to the server, it is
 * done here: Python's % with a list or an object, else {} with positions or names.
 */
#ifndef MESHER_EVENT_LOGENTRY_H
#define MESHER_EVENT_LOGENTRY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct logentry {
    struct str text;     /* in full; absent when missing or empty */
    struct str template; /* its template, if that differs from text */
};

/* Reads a JSON value.  lenient: a value that is neither text nor object counts as its
 * JSON text, except false; otherwise it is not a message.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int logentry_read(struct arena *a, struct str value, bool lenient, struct logentry *out,
                  struct error *e) MUST_CHECK;

/* Formats template with params (a JSON array or object).  Sets the template itself when
 * they do not match, or there are no params.  Returns as above. */
int logentry_format(struct arena *a, struct str template, struct str params,
                    struct str *out, struct error *e) MUST_CHECK;

#endif
