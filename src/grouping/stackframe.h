/*
 * frames: what of a stack frame tells one bug from another (sentry-protocol 8.3).
 *
 * The module, or else the file; the function; for languages that are read as they are
 * written the line of source code.  Never numbers of lines, nor addresses.
 */
#ifndef MESHER_EVENT_FRAMES_H
#define MESHER_EVENT_FRAMES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/trace.h"
#include "grouping/family.h"
#include "grouping/images.h"

struct frame {
    struct str module, file, function, line; /* absent where they do not count */
    bool in_app;
    bool noise;  /* left out altogether */
    bool raises; /* what it calls is left out */
    bool is_url; /* on the web, in JavaScript, and without a function */
};

/* Of all frames of an event. */
struct frames {
    struct arena *a;
    enum family family;    /* of the event */
    struct str debug_meta; /* JSON object, or absent */
    bool has_images;       /* images have been read */
    struct images images;
};

/* Takes a frame apart; what is not a view of its JSON is from the arena (the images stay
 * there, the rest may go with the frame).  Returns 0, or -1 with ERROR_UNAVAILABLE; so
 * does the other. */
int frames_read(struct frames *all, const struct trace_frame *from, struct frame *out,
                struct error *e) MUST_CHECK;

/* Reads the images, should a frame of these want them: before its mark is set. */
int frames_prepare(struct frames *all, const struct trace_frame *from,
                   struct error *e) MUST_CHECK;

/* Does nothing of it count? */
bool frames_is_empty(const struct frame *f) MUST_CHECK;

#endif
