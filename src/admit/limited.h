/*
 * verdict: projects that are over their limit, and until when.
 *
 * A refusal is remembered so that a flood costs no question each.  It is believed until
 * the window ends, but at most VERDICT_TTL_MS, so that a raised limit is noticed.  The
 * table has a fixed size; two projects that fall on one slot push each other out, which
 * costs a question and no more. Times are clock_now_ms() values from the caller.
 */
#ifndef MESHER_ADMIT_VERDICT_H
#define MESHER_ADMIT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"

#define VERDICT_SLOTS 1024U
#define VERDICT_TTL_MS 2000

struct verdict_slot {
    int64_t project; /* 0: unused */
    int64_t refuse_until_ms;
    int64_t window_end_ms;
};

struct verdict_table {
    struct verdict_slot slot[VERDICT_SLOTS];
};

/* Remembers that project has no unit left.  The question was asked at asked_ms, the
 * answer came at now_ms and said that the window ends in retry_ms: it ends between
 * asked_ms + retry_ms and now_ms + retry_ms, so nobody is refused after the first and
 * nobody told to come before the second. */
void verdict_put(struct verdict_table *t, int64_t project, int64_t asked_ms,
                 int64_t now_ms, int64_t retry_ms);

/* Is project to be refused without asking?  Sets *retry_ms to the rest of its window. */
bool verdict_refused(const struct verdict_table *t, int64_t project, int64_t now_ms,
                     int64_t *retry_ms) MUST_CHECK;

/* The seconds for Retry-After: rounded up, at least 1. */
int verdict_retry_after_s(int64_t retry_ms) MUST_CHECK;

#endif
