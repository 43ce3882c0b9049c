/*
 * stack: a stack trace as components of a fingerprint, in two variants (sentry-protocol
 * 8.3): only the in-app frames, and all frames.
 *
 * Which variant applies is known only after the last frame of the event, so one walk
 * builds both.  Consecutive equal frames count once.  Frames leave nothing in the arena.
 */
#ifndef MESHER_GROUPING_STACK_H
#define MESHER_GROUPING_STACK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping/fingerprint.h"
#include "grouping/stackframe.h"

enum stack_variant { STACK_OWN, STACK_ALL, STACK_VARIANTS };

/* Fingerprints under construction, and the number of frames in each. */
struct stack {
    struct fingerprint print[STACK_VARIANTS];
    size_t frames[STACK_VARIANTS];
};

/* Begins both variants; seen: two bufs for the hashed bytes, or NULL. */
void stack_begin(struct stack *s, struct buf *seen);

/* Adds the same component to both. */
void stack_add(struct stack *s, enum fingerprint_kind kind, struct str text);

/* Adds the frames of a stack trace (JSON, or absent).  Sets count to the number added to
 * each.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int stack_frames(struct stack *s, struct stackframes *all, struct str stacktrace,
                 size_t count[STACK_VARIANTS], struct error *e) MUST_CHECK;

/* Returns the variant that applies: in-app as soon as it has a frame. */
enum stack_variant stack_chosen(const struct stack *s) MUST_CHECK;

#endif
