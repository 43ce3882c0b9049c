/*
 * json: decodes values of a valid JSON text.
 *
 * All values passed in are slices of a text that scan_value() has accepted.  Decoded
 * texts are valid UTF-8 without NUL: an escaped NUL and a lone surrogate become U+FFFD.
 * They point into the original text when nothing had to be decoded, else into the arena,
 * using at most as many bytes as the value has.  Only this module uses json-c.
 */
#ifndef MESHER_JSON_JSON_H
#define MESHER_JSON_JSON_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "json/lookup.h"

/* Decodes a string value, or the text between its quotes.  These functions return 0, or
 * -1 with ERROR_UNAVAILABLE when the arena is exhausted. */
int json_string(struct arena *a, struct str value, struct str *out,
                struct error *e) MUST_CHECK;
int json_inside(struct arena *a, struct str inside, struct str *out,
                struct error *e) MUST_CHECK;

/* Sets *out to a scalar as text: a string decoded, a number as written, "True" or
 * "False"; absent for null, an array, an object, and an absent value. */
int json_scalar(struct arena *a, struct str value, struct str *out,
                struct error *e) MUST_CHECK;

/* Looks up the members with the given names in an object, in one pass.  Sets each value,
 * absent when the member is missing or null; the last of several members with the same
 * name wins. */
int json_pick(struct arena *a, struct str object, const struct str *names, size_t count,
              struct str *values, struct error *e) MUST_CHECK;

/* Is told of each tag that is left out or cut: too_long, or else invalid.  The name is
 * absent when there is none; value is the JSON value, or the element that is no pair. */
struct json_tags_notes {
    void (*take)(void *context, bool too_long, struct str name, struct str value);
    void *context;
};

/* Converts tags (an object, or an array of pairs) to the text of a jsonb column: scalars
 * become texts, trimmed and cut to LIMIT_TAG_CHARS; null is left out, and so are, with a
 * note, empty values, line breaks, arrays, objects, names over LIMIT_TAG_CHARS, and all
 * after LIMIT_TAGS names.  The last value of a name wins.  Absent when nothing is left;
 * notes may be NULL. */
int json_tags(struct arena *a, struct str tags, const struct json_tags_notes *notes,
              struct str *out, struct error *e) MUST_CHECK;

/* Indexes all tags for lookup_name(), whose results json_scalar() converts to text.
 * Returns as above. */
int json_tags_index(struct arena *a, struct str tags, struct lookup *out,
                    struct error *e) MUST_CHECK;

#endif
