/*
 * scan: validates JSON exactly as RFC 8259 defines it.
 *
 * json-c has no strict mode, so every text passes through here first.  One pass checks
 * syntax, nesting and UTF-8, without recursion or allocation.  A valid text can then be
 * walked: the walking functions only accept slices of a valid text, and return slices of
 * it.  They stop early when the request has used up its time (base/budget.h).  Byte
 * positions start at 0.  UTF-8 byte order marks before a text are ignored, as RFC 8259
 * allows.
 */
#ifndef MESHER_JSON_SCAN_H
#define MESHER_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* The deepest nesting that scan_value() can be set to accept. */
#define SCAN_DEPTH_MAX 1024U

enum scan_type {
    SCAN_NULL,
    SCAN_FALSE,
    SCAN_TRUE,
    SCAN_NUMBER,
    SCAN_STRING,
    SCAN_ARRAY,
    SCAN_OBJECT
};

/* Position of a walk over the members of an object or the elements of an array. */
struct scan_iter {
    const char *p, *end;
};

/* Returns text without the byte order marks at its start. */
struct str scan_skip_mark(struct str text) MUST_CHECK;

/* Returns whether text is empty or all white space. */
bool scan_blank(struct str text) MUST_CHECK;

/* Checks that text is exactly one JSON value, with optional white space around it, nested
 * at most depth levels (1..SCAN_DEPTH_MAX).  Sets the value without that white space.
 * Returns 0, or -1 with ERROR_MALFORMED: "invalid JSON at byte N: …". */
int scan_value(struct str text, unsigned depth, struct str *value,
               struct error *e) MUST_CHECK;

/* Returns the type of a value, which its first byte tells. */
enum scan_type scan_type(struct str value) MUST_CHECK;

/* "null", "a boolean", "a number", "a string", "an array" or "an object". */
const char *scan_type_name(enum scan_type type) MUST_CHECK;

/* Begins a walk over an object or an array. */
struct scan_iter scan_open(struct str value) MUST_CHECK;

/* Sets the next member: the name as it appears between its quotes, with escapes, and the
 * value.  Returns false at the end. */
bool scan_object_next(struct scan_iter *it, struct str *name,
                      struct str *value) MUST_CHECK;

/* Sets the next element.  Returns false at the end. */
bool scan_array_next(struct scan_iter *it, struct str *value) MUST_CHECK;

/* Return the position after the string whose opening quote is before p (*escapes is set
 * if it has any), and after the object or array that opens at p.  In an invalid text they
 * return end at the latest. */
const char *scan_string_end(const char *p, const char *end, bool *escapes) MUST_CHECK;
const char *scan_level_end(const char *p, const char *end) MUST_CHECK;

#endif
