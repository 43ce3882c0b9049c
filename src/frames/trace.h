/*
 * trace: walks the exceptions, threads and stack frames of an event in place.
 *
 * All shapes that clients send are treated alike: {"values": [...]}, a bare list, and a
 * single object.  Results are slices of the event's valid JSON text; nothing is copied,
 * and the arena is only used for names with escapes.  The names of the system that Mesher
 * replaces ("type_name", "module_name", "function_name") are read like Sentry's.  The
 * order is that of the list: the last exception is the outermost, and the last frame is
 * the one that crashed.
 */
#ifndef MESHER_FRAMES_TRACE_H
#define MESHER_FRAMES_TRACE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "json/scan.h"

/* The lists of an event; absent when it has none. */
struct trace {
    struct str exceptions; /* JSON array, or one exception's object */
    struct str threads;    /* likewise */
    struct str stacktrace; /* the event's own (deprecated) */
    struct str platform;   /* of the event, decoded */
};

enum trace_exception_field {
    TRACE_TYPE,
    TRACE_VALUE,
    TRACE_MODULE,
    TRACE_STACKTRACE,
    TRACE_MECHANISM,
    TRACE_THREAD_ID,
    N_TRACE_EXCEPTION_FIELDS
};

/* Values of an exception as JSON, absent when it has none. */
struct trace_exception {
    struct str field[N_TRACE_EXCEPTION_FIELDS];
};

enum trace_thread_field {
    TRACE_ID,
    TRACE_NAME,
    TRACE_CRASHED,
    TRACE_CURRENT,
    TRACE_THREAD_STACKTRACE,
    N_TRACE_THREAD_FIELDS
};

struct trace_thread {
    struct str field[N_TRACE_THREAD_FIELDS];
};

enum trace_frame_field {
    TRACE_FUNCTION,
    TRACE_RAW_FUNCTION,
    TRACE_FRAME_MODULE,
    TRACE_FILENAME,
    TRACE_ABS_PATH,
    TRACE_PACKAGE,
    TRACE_IN_APP,
    TRACE_LINENO,
    TRACE_COLNO,
    TRACE_CONTEXT_LINE,
    TRACE_FRAME_PLATFORM,
    TRACE_INSTRUCTION_ADDR,
    TRACE_DATA,
    TRACE_IMAGE_ADDR,
    N_TRACE_FRAME_FIELDS
};

struct trace_frame {
    struct str field[N_TRACE_FRAME_FIELDS];
};

/* A walk over the objects of a list. */
struct trace_walk {
    struct scan_iter it;
    struct str one; /* the object, when it is not a list */
};

/* Finds the list in a value that may be a list, {"values": list} or one object (which is
 * returned unchanged).  Absent when there is none, or when it is of another type; then
 * *odd is set.  The functions with e return 0, or -1 with ERROR_UNAVAILABLE. */
int trace_list(struct arena *a, struct str value, struct str *out, bool *odd,
               struct error *e) MUST_CHECK;

/* Begins a walk over a result of trace_list(), or over frames; absent is empty. */
struct trace_walk trace_begin(struct str list) MUST_CHECK;

/* Sets the next object; skips other values.  Returns false at the end. */
bool trace_next(struct trace_walk *w, struct str *object) MUST_CHECK;

/* Split an object into its members. */
int trace_exception(struct arena *a, struct str object, struct trace_exception *out,
                    struct error *e) MUST_CHECK;
int trace_thread(struct arena *a, struct str object, struct trace_thread *out,
                 struct error *e) MUST_CHECK;
int trace_frame(struct arena *a, struct str object, struct trace_frame *out,
                struct error *e) MUST_CHECK;

/* Finds the frames of a stack trace, {"frames": list} or a bare list; absent when it has
 * none. */
int trace_frames(struct arena *a, struct str stacktrace, struct str *out,
                 struct error *e) MUST_CHECK;

/* Decodes a text of a frame; "?"  and "" count as absent. */
int trace_text(struct arena *a, struct str value, struct str *out,
               struct error *e) MUST_CHECK;

/* Decodes an exception's type and its value, which stays JSON when it is an object or an
 * array; "" counts as absent. */
int trace_type(struct arena *a, const struct trace_exception *from, struct str *type,
               struct str *value, struct error *e) MUST_CHECK;

/* Returns the text, absent when it is empty. */
static inline struct str
trace_or_absent(struct str s)
{
    return s.n == 0 ? STR_NONE : s;
}

#endif
