/*
 * bulk: splits a body of many events into the JSON text of each.
 *
 * An array must be valid JSON as a whole (a truncated one stores nothing); its items may
 * be anything, event_parse() validates each.  NDJSON is split at newlines; blank lines
 * and a CR before the newline are ignored; each line is validated separately.
 */
#ifndef MESHER_JSON_BULK_H
#define MESHER_JSON_BULK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Splits body.  Sets *items to *count views (at least 1, at most max) into body,
 * allocated in the arena.  Returns 0, or -1 with ERROR_MALFORMED (not an array, empty,
 * syntax error with its byte, more than max events: the text names max) or
 * ERROR_UNAVAILABLE. */
int bulk_array(struct arena *a, struct str body, size_t max, struct str **items,
               size_t *count, struct error *e) MUST_CHECK;
int bulk_lines(struct arena *a, struct str body, size_t max, struct str **items,
               size_t *count, struct error *e) MUST_CHECK;

#endif
