/*
 * glob: patterns with * and ?.
 */
#ifndef MESHER_BASE_GLOB_H
#define MESHER_BASE_GLOB_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/str.h"

/* Returns whether the pattern matches all of text.  "*" matches any bytes, "?" one UTF-8
 * character; "\" escapes either of them or itself; ASCII letters match regardless of
 * case.  Takes at most (bytes of text) * (bytes of pattern) steps. */
bool glob_matches(struct str pattern, struct str text) MUST_CHECK;

#endif
