/*
 * stream: where one JSON value ends in bytes that come in pieces.
 *
 * Looks at structure only (brackets, strings, commas and colons), a byte at a time and
 * without going back, so that a value of any shape costs the same; whether numbers,
 * escapes and UTF-8 are right is for scan_value() to say when the value is whole.  What
 * has no structure to break (a word, a number at the top) ends with its line.
 */
#ifndef MESHER_EVENT_STREAM_H
#define MESHER_EVENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

/* Deeper nesting is found sound here and refused later by scan_value(), up to this. */
#define STREAM_DEPTH_MAX 1024U

enum stream_result {
    STREAM_MORE, /* the value goes on behind these bytes */
    STREAM_END,  /* the value ended; *used bytes belong to it */
    STREAM_BAD   /* no JSON value goes on like this; byte *used is the first that is wrong
                  */
};

enum stream_state {
    STREAM_START,      /* before the first byte of a value */
    STREAM_WORD,       /* in a number, true, false, null inside an array or object */
    STREAM_LINE,       /* in a value at the top that is neither array nor object */
    STREAM_STRING,     /* in a string */
    STREAM_ESCAPE,     /* behind a backslash */
    STREAM_OPEN,       /* behind '[' or '{' */
    STREAM_VALUE,      /* a value must come */
    STREAM_NAME,       /* a member's name must come */
    STREAM_COLON,      /* behind a name */
    STREAM_AFTER_VALUE /* a comma or the closing bracket must come */
};

struct stream {
    enum stream_state state;
    bool is_name; /* the string is a member's name */
    uint32_t depth;
    uint8_t object[STREAM_DEPTH_MAX / 8 +
                   1]; /* a bit for each open level: is it an object? */
};

/* Begins a value. */
void stream_begin(struct stream *s);

/* Goes on with n more bytes.  Sets *used as the results say; all n for STREAM_MORE. */
enum stream_result stream_feed(struct stream *s, const char *p, size_t n,
                               size_t *used) MUST_CHECK;

/* Is it in the middle of a value? */
bool stream_is_open(const struct stream *s) MUST_CHECK;

#endif
