/*
 * title: the exception that gave an event its title, and the frame where it happened, as
 * version 2 of the algorithm saw them.
 */
#ifndef MESHER_GROUPING_V2_TITLE_H
#define MESHER_GROUPING_V2_TITLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/title.h"
#include "grouping_v2/trace.h"

/* Finds where it happened: the last in-app frame with a function, else the last frame, of
 * the last exception, else of the event, else of the only thread; *found is false when
 * there is none.  These functions return 0, or -1 with ERROR_UNAVAILABLE. */
int v2_title_crash_frame(struct arena *a, const struct trace *t,
                         struct v2_trace_frame *out, bool *found,
                         struct error *e) MUST_CHECK;

/* Finds the last exception with a type or a value. */
int v2_title_exception(struct arena *a, struct str exceptions,
                       struct title_exception *out, struct error *e) MUST_CHECK;

/* Reads one exception; out->found is false when it has neither a type nor a value. */
int v2_title_read(struct arena *a, const struct v2_trace_exception *from,
                  struct title_exception *out, struct error *e) MUST_CHECK;

#endif
