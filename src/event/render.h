/*
 * render: prints a stored event for people.
 *
 * Exceptions with their causes and frames, the message, breadcrumbs, request, user,
 * contexts and all other members.  Accepts any stored payload: a value of an unexpected
 * type is shown as its JSON, or left out.  Every line fits the width and cannot control
 * the terminal.
 */
#ifndef MESHER_EVENT_RENDER_H
#define MESHER_EVENT_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "frames/frames.h"

/* Minimum width of a line, whatever the terminal reports. */
#define RENDER_COLUMNS_MIN 40U

struct render {
    struct arena *a;
    struct buf *out;
    size_t columns; /* width of a line; SIZE_MAX: unlimited */
    bool colour;
    frames_decider *decide; /* the administrator's rules, as for frames_read(), or NULL */
    const void *rules;
    const struct frames *frames; /* for render.c: those of the event */
};

/* Appends the whole event.  A payload that is not a JSON object becomes a line that says
 * so.  Returns 0, or -1 with ERROR_UNAVAILABLE when the arena is exhausted. */
int render_event(const struct render *r, struct str payload, struct error *e) MUST_CHECK;

/* Appends the places that were scrubbed before the event was stored, from its list of
 * notes (notes.h); nothing when there are none.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int render_removed(const struct render *r, struct str errors, struct error *e) MUST_CHECK;

/* Returns whether the payload is JSON that can be embedded in other JSON unchanged. */
bool render_is_json(struct str payload) MUST_CHECK;

/* Append: a blank line and a heading; a text over as many lines as needed, each indented;
 * "name value" likewise, with names padded to 14 columns; one line that is truncated. */
void render_heading(const struct render *r, const char *text);
void render_text(const struct render *r, size_t blanks, struct str text);
void render_pair(const struct render *r, struct str name, struct str value);
void render_line(const struct render *r, struct str line);

#endif
