/*
 * scan: RFC 8259, no more and no less.
 *
 * json-c has no mode that is just JSON, so every text passes through here first.  Checks
 * syntax, nesting and UTF-8 in one pass, without recursion or allocation.  What was found
 * sound can then be walked: the walking functions take slices of such a text only, and
 * give slices of it.  Bytes are counted from 0.
 */
#ifndef MESHER_EVENT_SCAN_H
#define MESHER_EVENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* The deepest nesting that scan_value() can be told to accept. */
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

/* Where a walk over the members of an object or the elements of an array has come to. */
struct scan_iter {
    const char *p, *end;
};

/* Is there nothing but white space in text? */
bool scan_blank(struct str text) MUST_CHECK;

/* Checks that text is exactly one JSON value, white space around it allowed, nested at
 * most depth levels (1..SCAN_DEPTH_MAX).  Gives the value without that white space.
 * Returns 0, or -1 with ERROR_MALFORMED: "invalid JSON at byte N: …". */
int scan_value(struct str text, unsigned depth, struct str *value,
               struct error *e) MUST_CHECK;

/* What a value is, told by its first byte. */
enum scan_type scan_type(struct str value) MUST_CHECK;

/* "null", "a boolean", "a number", "a string", "an array" or "an object". */
const char *scan_type_name(enum scan_type type) MUST_CHECK;

/* Begins a walk over an object or an array. */
struct scan_iter scan_open(struct str value) MUST_CHECK;

/* Gives the next member: the name as it stands between its quotes, escapes and all, and
 * the value.  False at the end. */
bool scan_object_next(struct scan_iter *it, struct str *name,
                      struct str *value) MUST_CHECK;

/* Gives the next element.  False at the end. */
bool scan_array_next(struct scan_iter *it, struct str *value) MUST_CHECK;

#endif
