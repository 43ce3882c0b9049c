/*
 * intensity: detects too many restarts in too short a time.
 *
 * Pure: times are arguments.  At most `max` restarts within `window_ms` are tolerated;
 * the next one is too many.
 */
#ifndef MESHER_SUPER_INTENSITY_H
#define MESHER_SUPER_INTENSITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"

#define INTENSITY_MAX 1000 /* the largest max */

struct intensity {
    size_t max;
    int64_t window_ms;
    size_t count, next;               /* of the ring */
    int64_t at_ms[INTENSITY_MAX + 1]; /* the last restarts */
};

/* Discards all restarts.  max is at most INTENSITY_MAX. */
void intensity_init(struct intensity *i, size_t max, int64_t window_ms);

/* Changes the limits and keeps the recorded restarts. */
void intensity_set(struct intensity *i, size_t max, int64_t window_ms);

/* Counts a restart at now_ms (never before an earlier one).  Returns whether it is
 * tolerated. */
bool intensity_bears(struct intensity *i, int64_t now_ms) MUST_CHECK;

#endif
