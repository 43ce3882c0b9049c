/*
 * match: finds the rule that matches an event, or a stack frame.
 */
#ifndef MESHER_GROUPING_MATCH_H
#define MESHER_GROUPING_MATCH_H

#include "base/compat.h"
#include "base/error.h"
#include "event/work.h"
#include "frames/frames.h"
#include "grouping/rules.h"

/* Finds the first rule that matches; *out is NULL when none does.  Examines the last
 * LIMIT_RULE_FRAMES exceptions and frames.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int match_event(const struct rules *rules, struct work *w, const struct event *ev,
                const struct rule **out, struct error *e) MUST_CHECK;

/* Finds the first rule with +app or -app that matches the frame.  Returns whether there
 * is one; then sets *is_program and *why.  A frames_decider (frames/frames.h). */
bool match_frame(const void *rules, const struct stackframe *f, bool *is_program,
                 struct str *why) MUST_CHECK;

#endif
