/*
 * normal: texts of clients brought into the one form that is stored.
 *
 * Times are microseconds since 1970 UTC, in the years 1 to 9999.  All texts taken are
 * valid UTF-8.
 */
#ifndef MESHER_EVENT_NORMAL_H
#define MESHER_EVENT_NORMAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/str.h"

/* Reads a JSON number as seconds since 1970, or as milliseconds when it is beyond 1e11.
 * What is below a microsecond is cut off.  Returns 0, or -1 when it is out of range (*out
 * is then unmodified). */
int normal_time_number(struct str number, int64_t *out) MUST_CHECK;

/* Reads YYYY-MM-DDTHH:MM:SS (a blank or t for T), perhaps a fraction, perhaps Z or an
 * offset (+HH:MM, +HHMM, +HH), else UTC; or digits, perhaps with a fraction, as
 * normal_time_number() does.  A leap second is the last microsecond of its minute. */
int normal_time_text(struct str text, int64_t *out) MUST_CHECK;

/* fatal, error, warning, info or debug, as static text, from a level in any letter case
 * or one of Sentry's other names (critical, warn, log); absent when it is none. */
struct str normal_level(struct str text) MUST_CHECK;

/* The same with all that Sentry's clients say besides: trace, err, notice, alert,
 * emergency, and the numbers 10 to 50 of Python's logging. */
struct str normal_level_sentry(struct str text) MUST_CHECK;

/* Cuts text to max_chars characters (at least 4), the last three of them dots when it was
 * longer.  Returns 0, or -1 when the arena is exhausted. */
int normal_cut(struct arena *a, struct str text, size_t max_chars,
               struct str *out) MUST_CHECK;

/* The first line that is not blank, without what is blank around it. */
struct str normal_first_line(struct str text) MUST_CHECK;

#endif
