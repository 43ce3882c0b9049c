/*
 * logentry: the message of an event, in every form that clients have for it.
 *
 * A text, or an object with a template ("message"), its parameters ("params") and perhaps
 * the formatted text; where only the formatting was left to the server it is done here:
 * Python's % with a list or an object, else {} with positions or names.
 */
#ifndef MESHER_EVENT_LOGENTRY_H
#define MESHER_EVENT_LOGENTRY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct logentry {
    struct str text;     /* in full; absent when there is none or it is empty */
    struct str template; /* what it was formatted from, when that is another text */
};

/* Reads a JSON value.  lenient: what is no text and no object counts as its JSON text,
 * but for false; else it is no message.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int logentry_read(struct arena *a, struct str value, bool lenient, struct logentry *out,
                  struct error *e) MUST_CHECK;

/* Formats template with params (a JSON array or object).  Gives the template itself when
 * they do not fit together, or there are none.  Returns as above. */
int logentry_format(struct arena *a, struct str template, struct str params,
                    struct str *out, struct error *e) MUST_CHECK;

#endif
