/*
 * render_trace: exceptions, their causes and stack frames as lines for people.
 */
#ifndef MESHER_EVENT_RENDER_TRACE_H
#define MESHER_EVENT_RENDER_TRACE_H

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/render.h"

/* Frames of one stack trace that are shown, the innermost first; and lines of code on
 * either side of the one where it is. */
#define RENDER_FRAMES 50
#define RENDER_CONTEXT 3

/* Appends the exceptions of an event (the value of its member): the outermost first, each
 * other one as the cause of the one before. Returns 0, or -1 with ERROR_UNAVAILABLE; so
 * does the other. */
int render_exceptions(const struct render *r, struct str exceptions,
                      struct error *e) MUST_CHECK;

/* Appends the frames of a stack trace, where there are some. */
int render_stacktrace(const struct render *r, struct str stacktrace,
                      struct error *e) MUST_CHECK;

#endif
