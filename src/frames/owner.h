/*
 * owner: decides whose code a stack frame is, and why.
 *
 * Grouping, the culprit, the title, `event explain` and the drawing of stacks all use
 * this answer.  The administrator's rules decide first (grouping/rules.h), then the table
 * of the frame's language (owners/README), then the SDK's in_app.  An SDK is believed
 * where its word means something: a "true" on a library's path if it says "false" on
 * others, or if its language's SDK never says true by itself; a "false", and silence, if
 * it says "true" of some frame of the event.
 */
#ifndef MESHER_FRAMES_OWNER_H
#define MESHER_FRAMES_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"
#include "frames/language.h"

enum owner {
    OWNER_PROGRAM,
    OWNER_LIBRARY,
    OWNER_RUNTIME,
    OWNER_MACHINERY,
    OWNER_RAISE, /* machinery; the frames that it calls do not count either */
    OWNER_START
};

/* The SDK's word. */
enum owner_said { OWNER_SAID_NOTHING, OWNER_SAID_FALSE, OWNER_SAID_TRUE };

/* A frame as the SDK sent it, but the function without its noise; absent when not
 * given. */
struct owner_frame {
    enum language language;
    enum owner_said in_app;
    bool in_modules; /* the event lists its module with a version: a dependency */
    struct str path, package, module, function;
};

/* What an event's frames say together. */
#define OWNER_MODULES 64

struct owner_event {
    struct str module[OWNER_MODULES]; /* Java's that are in_app somewhere */
    size_t modules;
    bool some_true;       /* some frame is in_app */
    bool marks_libraries; /* some frame on a library's path is not */
};

struct owner_answer {
    enum owner owner;
    struct str why; /* the rule's text, or "in_app"; lives as long as the program */
};

/* Looks the frame up in its language's table; false when no rule fits. */
bool owner_find(const struct owner_frame *f, struct owner_answer *out) MUST_CHECK;

/* Takes into account what a frame says; found: its answer of owner_find(), or NULL. */
void owner_note(struct owner_event *ev, const struct owner_frame *f,
                const struct owner_answer *found);

/* Decides; ev: after owner_note() for all frames of the event. */
struct owner_answer owner_decide(const struct owner_event *ev,
                                 const struct owner_frame *f,
                                 const struct owner_answer *found) MUST_CHECK;

/* Returns the name of an owner: "library". */
const char *owner_name(enum owner owner) MUST_CHECK;

/* Returns whether a comma-separated list has a pattern that fits the text. */
bool owner_fits_any(struct str patterns, struct str text) MUST_CHECK;

#endif
