/*
 * match: which rule fits an event.
 */
#ifndef MESHER_EVENT_MATCH_H
#define MESHER_EVENT_MATCH_H

#include "base/compat.h"
#include "base/error.h"
#include "event/work.h"
#include "grouping/rules.h"

/* Finds the first rule that fits; *out is NULL when none does.  Of exceptions and frames
 * the last LIMIT_RULE_FRAMES are looked at.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int match_event(const struct rules *rules, struct work *w, const struct event *ev,
                const struct rule **out, struct error *e) MUST_CHECK;

#endif
