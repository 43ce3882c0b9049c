/*
 * stack: a stack trace as components of a fingerprint, in two variants
 * (sentry-protocol 8.3): the program's own frames, and all of them.
 *
 * Which variant counts is known only when the last frame of the event has been seen, so
 * both are made in the same walk.  Frames that follow one that is the same count once.
 * Nothing of a frame stays in the arena.
 */
#ifndef MESHER_EVENT_STACK_H
#define MESHER_EVENT_STACK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping/fingerprint.h"
#include "grouping/stackframe.h"

enum stack_variant { STACK_OWN, STACK_ALL, STACK_VARIANTS };

/* Fingerprints in the making, and how many frames went into each since it began. */
struct stack {
    struct fingerprint print[STACK_VARIANTS];
    size_t frames[STACK_VARIANTS];
};

/* Begins both; seen: two bufs for what is hashed, or NULL. */
void stack_begin(struct stack *s, struct buf *seen);

/* Adds the same component to both. */
void stack_add(struct stack *s, enum fingerprint_kind kind, struct str text);

/* Adds the frames of a stack trace (JSON, or absent). Sets count to how many each got.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int stack_frames(struct stack *s, struct frames *all, struct str stacktrace,
                 size_t count[STACK_VARIANTS], struct error *e) MUST_CHECK;

/* The variant that counts: the program's own as soon as it has a frame. */
enum stack_variant stack_chosen(const struct stack *s) MUST_CHECK;

#endif
