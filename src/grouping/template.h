/*
 * template: the variables of fingerprints and titles, "{{ error.type }}"
 * (sentry-protocol 8.2).
 */
#ifndef MESHER_EVENT_TEMPLATE_H
#define MESHER_EVENT_TEMPLATE_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/work.h"

/* Is it "{{ default }}" and nothing else, with or without blanks? */
bool template_is_default(struct str text) MUST_CHECK;

/* Puts what the event has in place of the variables; for one that it has not
 * "<no-type>", for one that there is not "<unrecognized-variable-X>".  Without any the
 * text itself, else from the arena.  exact: messages and values as they are, for titles;
 * else without what varies.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int template_expand(struct work *w, const struct event *ev, struct str text, bool exact,
                    struct str *out, struct error *e) MUST_CHECK;

#endif
