/*
 * json: values of a sound JSON text, decoded.
 *
 * All values taken here are slices of a text that scan_value() has accepted.  Texts given
 * are valid UTF-8 without NUL: an escaped NUL and a lone surrogate become U+FFFD.  They
 * point into the text where nothing had to be decoded, else into the arena; at most as
 * many bytes are taken from it as the value has.  Only here is json-c used.
 */
#ifndef MESHER_EVENT_JSON_H
#define MESHER_EVENT_JSON_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Decodes a string value, or what stands between the quotes of one.  Returns 0, or -1
 * with ERROR_UNAVAILABLE when the arena is exhausted; so do the others. */
int json_string(struct arena *a, struct str value, struct str *out,
                struct error *e) MUST_CHECK;
int json_inside(struct arena *a, struct str inside, struct str *out,
                struct error *e) MUST_CHECK;

/* A scalar as text: a string decoded, a number as it stands, "True" or "False"; absent
 * for null, an array, an object, and an absent value. */
int json_scalar(struct arena *a, struct str value, struct str *out,
                struct error *e) MUST_CHECK;

/* Looks up the members with the given names in an object, in one walk.  Gives each one's
 * value, absent when it is not there or null; of several with one name the last. */
int json_pick(struct arena *a, struct str object, const struct str *names, size_t count,
              struct str *values, struct error *e) MUST_CHECK;

/* Makes the text of tags (an object, or an array of pairs) for a jsonb column: scalars as
 * texts, cut to LIMIT_TAG_CHARS; null, arrays and objects left out, so are names over
 * LIMIT_TAG_CHARS, and all after LIMIT_TAGS names.  Of one name the last value counts.
 * Absent when nothing is left. */
int json_tags(struct arena *a, struct str tags, struct str *out,
              struct error *e) MUST_CHECK;

/* The text of the tag name (the last of several) in such tags; absent when there is none.
 */
int json_tag(struct arena *a, struct str tags, struct str name, struct str *out,
             struct error *e) MUST_CHECK;

#endif
