/*
 * chain: the exceptions of an event as components of a fingerprint, each with its causes
 * and parts (doc/design/grouping.md).
 *
 * If any exception has a frame of the program, each counts with its type and its frames
 * of the program.  Its value counts as well where these say nothing about the bug: a type
 * that many errors have, names that a minifier or a compiler chose, no stack.  If none
 * has a frame of the program, each counts with its type, its value and its newest frame.
 * Suppressed exceptions do not count, and the parts of a group are a set.
 */
#ifndef MESHER_GROUPING_CHAIN_H
#define MESHER_GROUPING_CHAIN_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "frames/frames.h"
#include "grouping/fingerprint.h"

/* Adds the exceptions to f.  Sets *counts when they identify the event.  Returns 0, or -1
 * with ERROR_UNAVAILABLE, like the next function. */
int chain_add(struct fingerprint *f, struct frames *all, bool *counts,
              struct error *e) MUST_CHECK;

/* Finds the exception that gives the event its type, value and title: the last that is
 * not suppressed and has a type or a value; if it only wraps others, the last of its
 * causes; of a group whose parts are all alike, one of them.  *out is NULL when there is
 * none. */
int chain_main(struct frames *all, const struct thrown **out, struct error *e) MUST_CHECK;

/* Returns whether the exceptions are a message to which an SDK added a stack: a made-up
 * exception without a type. */
bool chain_is_message(const struct frames *all) MUST_CHECK;

#endif
