/*
 * match: finds the rule that matches an event.
 */
#ifndef MESHER_GROUPING_MATCH_H
#define MESHER_GROUPING_MATCH_H

#include "base/compat.h"
#include "base/error.h"
#include "event/work.h"
#include "grouping/rules.h"

/* Finds the first rule that matches; *out is NULL when none does.  Examines the last
 * LIMIT_RULE_FRAMES exceptions and frames.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int match_event(const struct rules *rules, struct work *w, const struct event *ev,
                const struct rule **out, struct error *e) MUST_CHECK;

#endif
