/*
 * title: the title of an event, and its culprit (sentry-protocol 8.5).
 *
 * The title of an error is "TYPE: first line of VALUE" of its outermost exception, that
 * of a message its first line, that of a browser's report the thing that was blocked.
 * The culprit is the one sent by the client, else the transaction, else the place in the
 * code where the stack trace ends.
 */
#ifndef MESHER_EVENT_TITLE_H
#define MESHER_EVENT_TITLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "frames/frames.h"
#include "frames/trace.h"

/* The outermost exception with a type or a value. */
struct title_exception {
    bool found;
    bool synthetic;              /* its type is a placeholder */
    struct str type, value;      /* in full; absent when missing or empty */
    const struct thrown *thrown; /* once its stacks are read (frames/frames.h); or NULL */
};

/* Returns the frame where it happened: the program's newest, of that exception, else of
 * the others, else of the thread or the event; else the last frame; or NULL. */
const struct stackframe *title_crash_frame(const struct frames *all,
                                           const struct title_exception *x) MUST_CHECK;

/* Finds the exception.  A value that is not text is used as its JSON; a type at the start
 * of the value ("Type: text") is split off when no other type is given.  These functions
 * return 0, or -1 with ERROR_UNAVAILABLE. */
int title_exception(struct arena *a, struct str exceptions, struct title_exception *out,
                    struct error *e) MUST_CHECK;

/* Reads one exception; out->found is false when it has neither a type nor a value. */
int title_read(struct arena *a, const struct trace_exception *from,
               struct title_exception *out, struct error *e) MUST_CHECK;

/* Sets the title of an exception. */
int title_of_exception(struct arena *a, const struct frames *all,
                       const struct title_exception *x, struct str *out,
                       struct error *e) MUST_CHECK;

/* Sets the culprit, the program's newest frame as its language writes it; absent when no
 * frame is the program's. */
int title_culprit(struct arena *a, struct frames *all, const struct title_exception *x,
                  struct str *out, struct error *e) MUST_CHECK;

#endif
