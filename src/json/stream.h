/*
 * stream: finds the end of a JSON value in bytes that arrive in pieces.
 *
 * Checks structure only (brackets, strings, commas and colons), one byte at a time and
 * without going back, so the cost does not depend on the value's shape; scan_value()
 * checks numbers, escapes and UTF-8 once the value is complete.  Values without structure
 * (a word or a number at the top level) end with their line.
 */
#ifndef MESHER_JSON_STREAM_H
#define MESHER_JSON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

/* Nesting depth accepted here; scan_value() refuses deeper values than its own limit
 * later. */
#define STREAM_DEPTH_MAX 1024U

enum stream_result {
    STREAM_MORE, /* the value continues after these bytes */
    STREAM_END,  /* the value ended; *used bytes belong to it */
    STREAM_BAD   /* not JSON; byte *used is the first wrong one */
};

enum stream_state {
    STREAM_START,      /* before the first byte of a value */
    STREAM_WORD,       /* in a number, true, false, null inside an array or object */
    STREAM_LINE,       /* in a top-level value that is neither array nor object */
    STREAM_STRING,     /* in a string */
    STREAM_ESCAPE,     /* after a backslash */
    STREAM_OPEN,       /* after '[' or '{' */
    STREAM_VALUE,      /* a value must come */
    STREAM_NAME,       /* a member's name must come */
    STREAM_COLON,      /* after a name */
    STREAM_AFTER_VALUE /* a comma or the closing bracket must come */
};

struct stream {
    enum stream_state state;
    bool is_name; /* the string is a member's name */
    uint32_t depth;
    uint8_t
        object[STREAM_DEPTH_MAX / 8 + 1]; /* one bit per open level: is it an object? */
};

/* Begins a value. */
void stream_begin(struct stream *s);

/* Parses n more bytes.  Sets *used as described by the results; all n for STREAM_MORE. */
enum stream_result stream_feed(struct stream *s, const char *p, size_t n,
                               size_t *used) MUST_CHECK;

/* Returns whether it is in the middle of a value. */
bool stream_is_open(const struct stream *s) MUST_CHECK;

#endif
