/*
 * bulk: a body of many events, cut into the JSON text of each.
 *
 * An array must be sound JSON as a whole (a truncated one stores nothing); its items may
 * be anything, event_parse() judges each.  NDJSON is split at newlines; blank lines and a
 * CR before the newline are nothing; each line is judged on its own.
 */
#ifndef MESHER_EVENT_BULK_H
#define MESHER_EVENT_BULK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Cuts body.  Gives *count views (at least 1, at most max) into body in *items (arena).
 * Returns 0, or -1 with ERROR_MALFORMED (not an array, empty, syntax error with its byte,
 * more than max events: the text names max) or ERROR_UNAVAILABLE. */
int bulk_array(struct arena *a, struct str body, size_t max, struct str **items,
               size_t *count, struct error *e) MUST_CHECK;
int bulk_lines(struct arena *a, struct str body, size_t max, struct str **items,
               size_t *count, struct error *e) MUST_CHECK;

#endif
