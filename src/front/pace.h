/*
 * pace: the time limits for the body of a request.
 *
 * A body must arrive within body_timeout, must not arrive slower than PACE_BYTES_PER_S
 * once PACE_GRACE_MS have passed, and has PACE_STRANGER_MS while the sender is unknown
 * (the envelope endpoint may find the key in the body).  Pure: times are clock_now_ms()
 * values from the caller.
 */
#ifndef MESHER_FRONT_PACE_H
#define MESHER_FRONT_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

#define PACE_STRANGER_MS 2000
#define PACE_GRACE_MS 5000
#define PACE_BYTES_PER_S 500

struct pace {
    int64_t began_ms, timeout_ms;
    size_t bytes; /* received so far */
};

/* Returns the latest time for the next byte.  known: the sender's key is good. */
int64_t pace_deadline_ms(const struct pace *p, bool known) MUST_CHECK;

/* Returns 0, or -1 with ERROR_TIMEOUT when the deadline has passed at now_ms. */
int pace_check(const struct pace *p, bool known, int64_t now_ms,
               struct error *e) MUST_CHECK;

/* Sets ERROR_TIMEOUT with its text.  Returns -1. */
int pace_too_slow(struct error *e);

#endif
