/*
 * render: a stored event as lines for people.
 *
 * Exceptions with their causes and frames, the message, breadcrumbs, request, user,
 * contexts and whatever else was sent along.  Takes any payload that was stored: what is
 * of an unexpected type is shown as its JSON, or left out.  Every line fits the width,
 * and nothing in it steers a terminal.
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

/* Columns of a line at least, whatever the terminal says. */
#define RENDER_COLUMNS_MIN 40U

struct render {
    struct arena *a;
    struct buf *out;
    size_t columns; /* of a line; SIZE_MAX: as long as it gets */
    bool colour;
};

/* Appends all there is to say of the event.  A payload that is no JSON object is a line
 * that says so.  Returns 0, or -1 with ERROR_UNAVAILABLE when the arena is exhausted. */
int render_event(const struct render *r, struct str payload, struct error *e) MUST_CHECK;

/* Is the payload JSON, so that it can stand in other JSON as it is? */
bool render_is_json(struct str payload) MUST_CHECK;

/* Append: a blank line and a heading; a text over as many lines as it takes, each begun
 * with so many blanks; "name  value" likewise, names filled to 14 columns; one line that
 * is cut. */
void render_heading(const struct render *r, const char *text);
void render_text(const struct render *r, size_t blanks, struct str text);
void render_pair(const struct render *r, struct str name, struct str value);
void render_line(const struct render *r, struct str line);

#endif
