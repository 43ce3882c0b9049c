/*
 * stack: a stack trace as components of a fingerprint, in two variants (sentry-protocol
 * 8.3): only the in-app frames, and all frames.
 *
 * Which variant applies is known only after the last frame of the event, so one walk
 * builds both.  Consecutive equal frames count once.  Frames leave nothing in the arena.
 */
#ifndef MESHER_GROUPING_V2_STACK_H
#define MESHER_GROUPING_V2_STACK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping/fingerprint.h"
#include "grouping_v2/stackframe.h"

enum stack_variant { STACK_OWN, STACK_ALL, STACK_VARIANTS };

/* Fingerprints under construction, and the number of frames in each. */
struct v2_stack {
    struct fingerprint print[STACK_VARIANTS];
    size_t frames[STACK_VARIANTS];
};

/* Begins both variants. */
void v2_stack_begin(struct v2_stack *s);

/* Adds the same component to both. */
void v2_stack_add(struct v2_stack *s, enum fingerprint_kind kind, struct str text);

/* Adds the frames of a stack trace (JSON, or absent).  Sets count to the number added to
 * each.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int v2_stack_frames(struct v2_stack *s, struct stackframes *all, struct str stacktrace,
                    size_t count[STACK_VARIANTS], struct error *e) MUST_CHECK;

/* Returns the variant that applies: in-app as soon as it has a frame. */
enum stack_variant v2_stack_chosen(const struct v2_stack *s) MUST_CHECK;

#endif
