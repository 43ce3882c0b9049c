/*
 * glob: patterns with * and ?.
 */
#ifndef MESHER_BASE_GLOB_H
#define MESHER_BASE_GLOB_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/str.h"

/* Does all of text fit the pattern?  "*" stands for any bytes, "?" for one character of
 * UTF-8, "\" before one of them for itself; ASCII letters of either case are equal. Takes
 * at most (bytes of text) * (bytes of pattern) steps. */
bool glob_matches(struct str pattern, struct str text) MUST_CHECK;

#endif
