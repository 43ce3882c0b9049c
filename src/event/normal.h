/*
 * normal: normalises clients' values to the stored form.
 *
 * Times are microseconds since 1970 UTC, in the years 1 to 9999.  All input texts are
 * valid UTF-8.
 */
#ifndef MESHER_EVENT_NORMAL_H
#define MESHER_EVENT_NORMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/str.h"

/* Parses a JSON number as seconds since 1970, or as milliseconds when it is over 1e11.
 * Fractions of a microsecond are truncated.  Returns 0, or -1 when it is out of range
 * (*out is then unmodified). */
int normal_time_number(struct str number, int64_t *out) MUST_CHECK;

/* Parses YYYY-MM-DDTHH:MM:SS (a blank or t for T), with an optional fraction, and Z or an
 * offset (+HH:MM, +HHMM, +HH), else UTC; or digits with an optional fraction, as
 * normal_time_number() does.  A leap second becomes the last microsecond of its
 * minute. */
int normal_time_text(struct str text, int64_t *out) MUST_CHECK;

/* Returns fatal, error, warning, info or debug, as static text, for a level in any letter
 * case or one of Sentry's other names (critical, warn, log); absent for other texts. */
struct str normal_level(struct str text) MUST_CHECK;

/* The same, with the other levels that Sentry's clients send: trace, err, notice, alert,
 * emergency, and the numbers 10 to 50 of Python's logging. */
struct str normal_level_sentry(struct str text) MUST_CHECK;

/* Returns the first line that is not blank, without blanks around it. */
struct str normal_first_line(struct str text) MUST_CHECK;

/* Returns whether Sentry accepts text as a release or as an environment: no slash or line
 * break, and none of a few words.  Trim it first (utf8_trim()). */
bool normal_is_release(struct str text) MUST_CHECK;
bool normal_is_environment(struct str text) MUST_CHECK;

/* Returns a URL, absolute or not, without query and fragment: both may hold tokens. */
struct str normal_url(struct str url) MUST_CHECK;

/* Removes query and fragment of each URL in text; a URL is a word with "://".  Sets *out
 * to text itself when there is none.  Returns 0, or -1 when the arena is exhausted. */
int normal_urls(struct arena *a, struct str text, struct str *out) MUST_CHECK;

#endif
