/*
 * merge: makes one JSON object of several, member by member.
 *
 * Of two values for the same member the first counts, and a null counts for nothing; if
 * both are objects, they are merged in turn.  Arrays are values like any other.  Within
 * one object the last of several members with the same name counts, as everywhere.  The
 * members of the result are in the order in which they occur first.
 */
#ifndef MESHER_JSON_MERGE_H
#define MESHER_JSON_MERGE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Merges count objects, slices of texts that scan_value() has accepted with
 * LIMIT_JSON_DEPTH.  Sets *out to the text of the result, from the arena.  Returns 0, or
 * -1 with ERROR_UNAVAILABLE. */
int merge_objects(struct arena *a, const struct str *objects, size_t count,
                  struct str *out, struct error *e) MUST_CHECK;

#endif
