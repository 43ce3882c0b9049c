/*
 * title: what an event is called, and what is to blame (sentry-protocol 8.5).
 *
 * The title of an error is "TYPE: first line of VALUE" of its outermost exception, that
 * of a message its first line, that of a browser's report what was blocked.  The culprit
 * is what the client said, else the transaction, else the place in the code where the
 * stack trace ends.
 */
#ifndef MESHER_EVENT_TITLE_H
#define MESHER_EVENT_TITLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/trace.h"

/* The outermost exception that has a type or a value. */
struct title_exception {
    bool found;
    bool synthetic;         /* its type was made up */
    struct str type, value; /* in full; absent when not given or empty */
    struct str stacktrace;  /* JSON */
};

/* Where it happened: the last frame of the program's own that has a function, else the
 * last one, of the last exception, else of the event, else of the only thread; false when
 * there is none. */
int title_crash_frame(struct arena *a, const struct trace *t, struct trace_frame *out,
                      bool *found, struct error *e) MUST_CHECK;

/* Finds it.  A value that is no text stands for itself; a type in front of the value
 * ("Type: text") is taken apart when there is no other.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE; so do the others. */
int title_exception(struct arena *a, struct str exceptions, struct title_exception *out,
                    struct error *e) MUST_CHECK;

/* Reads one; out->found is false when it has neither a type nor a value. */
int title_read(struct arena *a, const struct trace_exception *from,
               struct title_exception *out, struct error *e) MUST_CHECK;

/* The title of an exception. */
int title_of_exception(struct arena *a, const struct trace *t,
                       const struct title_exception *x, struct str *out,
                       struct error *e) MUST_CHECK;

/* The culprit that is made from the stack trace of the exceptions, else of the event;
 * absent when there is none. */
int title_culprit(struct arena *a, const struct trace *t, const struct title_exception *x,
                  struct str *out, struct error *e) MUST_CHECK;

#endif
