/*
 * trace: walks the exceptions, threads and frames of an event as version 2 did: without
 * the names of members that were added later (frames/trace.h).
 */
#ifndef MESHER_GROUPING_V2_TRACE_H
#define MESHER_GROUPING_V2_TRACE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "frames/trace.h"
#include "json/scan.h"

enum v2_trace_exception_field {
    V2_TRACE_TYPE,
    V2_TRACE_VALUE,
    V2_TRACE_MODULE,
    V2_TRACE_STACKTRACE,
    V2_TRACE_MECHANISM,
    V2_TRACE_THREAD_ID,
    N_V2_TRACE_EXCEPTION_FIELDS
};

/* Values of an exception as JSON, absent when it has none. */
struct v2_trace_exception {
    struct str field[N_V2_TRACE_EXCEPTION_FIELDS];
};

enum v2_trace_thread_field {
    V2_TRACE_ID,
    V2_TRACE_NAME,
    V2_TRACE_CRASHED,
    V2_TRACE_CURRENT,
    V2_TRACE_THREAD_STACKTRACE,
    N_V2_TRACE_THREAD_FIELDS
};

struct v2_trace_thread {
    struct str field[N_V2_TRACE_THREAD_FIELDS];
};

enum v2_trace_frame_field {
    V2_TRACE_FUNCTION,
    V2_TRACE_RAW_FUNCTION,
    V2_TRACE_FRAME_MODULE,
    V2_TRACE_FILENAME,
    V2_TRACE_ABS_PATH,
    V2_TRACE_PACKAGE,
    V2_TRACE_IN_APP,
    V2_TRACE_LINENO,
    V2_TRACE_COLNO,
    V2_TRACE_CONTEXT_LINE,
    V2_TRACE_FRAME_PLATFORM,
    V2_TRACE_INSTRUCTION_ADDR,
    V2_TRACE_DATA,
    V2_TRACE_IMAGE_ADDR,
    N_V2_TRACE_FRAME_FIELDS
};

struct v2_trace_frame {
    struct str field[N_V2_TRACE_FRAME_FIELDS];
};

/* A walk over the objects of a list. */
struct v2_trace_walk {
    struct scan_iter it;
    struct str one; /* the object, when it is not a list */
};

/* Finds the list in a value that may be a list, {"values": list} or one object (which is
 * returned unchanged).  Absent when there is none, or when it is of another type; then
 * *odd is set.  The functions with e return 0, or -1 with ERROR_UNAVAILABLE. */
int v2_trace_list(struct arena *a, struct str value, struct str *out, bool *odd,
                  struct error *e) MUST_CHECK;

/* Begins a walk over a result of v2_trace_list(), or over frames; absent is empty. */
struct v2_trace_walk v2_trace_begin(struct str list) MUST_CHECK;

/* Sets the next object; skips other values.  Returns false at the end. */
bool v2_trace_next(struct v2_trace_walk *w, struct str *object) MUST_CHECK;

/* Split an object into its members. */
int v2_trace_exception(struct arena *a, struct str object, struct v2_trace_exception *out,
                       struct error *e) MUST_CHECK;
int v2_trace_thread(struct arena *a, struct str object, struct v2_trace_thread *out,
                    struct error *e) MUST_CHECK;
int v2_trace_frame(struct arena *a, struct str object, struct v2_trace_frame *out,
                   struct error *e) MUST_CHECK;

/* Finds the frames of a stack trace, {"frames": list} or a bare list; absent when it has
 * none. */
int v2_trace_frames(struct arena *a, struct str stacktrace, struct str *out,
                    struct error *e) MUST_CHECK;

/* Decodes a text of a frame; "?"  and "" count as absent. */
int v2_trace_text(struct arena *a, struct str value, struct str *out,
                  struct error *e) MUST_CHECK;

#endif
