/*
 * clock: the only reader of the wall and monotonic clocks (clock_gettime(2)).
 *
 * Durations use the monotonic clock (names end in _ms), records use the wall clock (names
 * end in _at_us).  Loops read them once per iteration and pass them down.
 */
#ifndef MESHER_BASE_CLOCK_H
#define MESHER_BASE_CLOCK_H

#include <stdint.h>

#include "base/compat.h"

#define CLOCK_TEXT_BYTES 28U /* 2026-05-01T10:00:00.123456Z and a NUL */

/* Monotonic milliseconds; only differences are meaningful. */
int64_t clock_now_ms(void) MUST_CHECK;

/* Wall clock, microseconds since 1970-01-01 UTC. */
int64_t clock_wall_us(void) MUST_CHECK;

/* Writes at_us as RFC 3339 in UTC with microseconds; a year outside 0..9999 is clamped.
 */
void clock_format(int64_t at_us, char out[CLOCK_TEXT_BYTES]);

#endif
