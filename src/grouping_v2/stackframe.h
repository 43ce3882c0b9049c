/*
 * stackframe: the parts of a stack frame that distinguish one bug from another
 * (sentry-protocol 8.3).
 *
 * The module, or else the file; the function; for languages that run from their source,
 * the source line.  Never line numbers or addresses.
 */
#ifndef MESHER_GROUPING_V2_STACKFRAME_H
#define MESHER_GROUPING_V2_STACKFRAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping_v2/family.h"
#include "grouping_v2/images.h"
#include "grouping_v2/trace.h"

struct v2_stackframe {
    struct str module, file, function, line; /* absent when they do not count */
    bool in_app;
    bool noise;  /* left out entirely */
    bool raises; /* frames that it calls are left out */
    bool is_url; /* on the web, in JavaScript, and without a function */
};

/* Shared by all frames of an event. */
struct stackframes {
    struct arena *a;
    enum family family;    /* of the event */
    struct str debug_meta; /* JSON object, or absent */
    bool has_images;       /* images have been read */
    struct v2_images images;
};

/* Parses a frame; allocates from the arena anything that is not a view of its JSON (the
 * images stay there, the rest may be released with the frame).  Both functions return 0,
 * or -1 with ERROR_UNAVAILABLE. */
int v2_stackframe_read(struct stackframes *all, const struct v2_trace_frame *from,
                       struct v2_stackframe *out, struct error *e) MUST_CHECK;

/* Reads the images if one of these frames needs them; call it before setting the arena's
 * mark. */
int v2_stackframe_prepare(struct stackframes *all, const struct v2_trace_frame *from,
                          struct error *e) MUST_CHECK;

/* Returns whether nothing in the frame counts. */
bool v2_stackframe_is_empty(const struct v2_stackframe *f) MUST_CHECK;

#endif
