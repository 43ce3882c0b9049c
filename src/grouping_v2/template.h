/*
 * template: the variables of fingerprints and titles, "{{ error.type }}"
 * (sentry-protocol 8.2).
 */
#ifndef MESHER_GROUPING_V2_TEMPLATE_H
#define MESHER_GROUPING_V2_TEMPLATE_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/work.h"

/* Returns whether the text is "{{ default }}" and nothing else, with or without
 * blanks. */
bool v2_template_is_default(struct str text) MUST_CHECK;

/* Replaces the variables with the event's values; a missing value becomes "<no-type>", an
 * unknown variable "<unrecognized-variable-X>".  Returns the text itself if it has no
 * variables, else a text from the arena.  exact: messages and values unchanged, for
 * titles; else without variable parts.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int v2_template_expand(struct work *w, const struct event *ev, struct str text,
                       bool exact, struct str *out, struct error *e) MUST_CHECK;

#endif
