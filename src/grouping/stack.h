/*
 * stack: a stack trace as components of a fingerprint (doc/design/grouping.md).
 *
 * Of each frame: its module, or else the base name of its file; its function; for
 * languages that run from source, and for closures, the line of source.  Never line
 * numbers or addresses.  Recursion counts once, however deep, also that of several
 * functions.
 */
#ifndef MESHER_GROUPING_STACK_H
#define MESHER_GROUPING_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "frames/frames.h"
#include "grouping/fingerprint.h"

enum stack_which {
    STACK_OWN,    /* the program's frames */
    STACK_NEWEST, /* the newest frame of a library or of the runtime */
    STACK_ALL     /* all of these */
};

struct stack_added {
    size_t frames;
    bool says_nothing; /* the newest of them has no name and no line that lasts */
};

/* Adds frames of s to f.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int stack_add(struct fingerprint *f, struct frames *all, const struct stack *s,
              enum stack_which which, struct stack_added *out,
              struct error *e) MUST_CHECK;

#endif
