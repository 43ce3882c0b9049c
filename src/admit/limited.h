/*
 * limited: caches which projects are over their limit, and until when.
 *
 * With a cached refusal, a flood does not cost a question per event.  An entry is valid
 * until the window ends, but at most for LIMITED_TTL_MS, so that a raised limit is
 * noticed.  The table has a fixed size; two projects in one slot evict each other, which
 * only costs a question.  Times are clock_now_ms() values from the caller.
 */
#ifndef MESHER_ADMIT_LIMITED_H
#define MESHER_ADMIT_LIMITED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"

#define LIMITED_SLOTS 1024U
#define LIMITED_TTL_MS 2000

struct limited_slot {
    int64_t project; /* 0: unused */
    int64_t refuse_until_ms;
    int64_t window_end_ms;
};

struct limited_table {
    struct limited_slot slot[LIMITED_SLOTS];
};

/* Caches that project has no unit left.  The question was asked at asked_ms; the answer
 * arrived at now_ms and said that the window ends in retry_ms, so it ends between
 * asked_ms + retry_ms and now_ms + retry_ms: no event is refused after the first time,
 * and no client is asked to return before the second. */
void limited_put(struct limited_table *t, int64_t project, int64_t asked_ms,
                 int64_t now_ms, int64_t retry_ms);

/* Returns whether project can be refused without asking.  Sets *retry_ms to the rest of
 * its window. */
bool limited_is(const struct limited_table *t, int64_t project, int64_t now_ms,
                int64_t *retry_ms) MUST_CHECK;

/* Returns the seconds for Retry-After: rounded up, at least 1. */
int limited_retry_after_s(int64_t retry_ms) MUST_CHECK;

#endif
