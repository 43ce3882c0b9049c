/*
 * format: writes a value as a conversion asks, Python's "%5.2f" or "{:>5.2f}".
 *
 * Values are texts of JSON scalars.  A conversion of numbers writes any other text as it
 * is: clients of many languages send their parameters as texts.
 */
#ifndef MESHER_EVENT_FORMAT_H
#define MESHER_EVENT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

/* Wider columns, and more digits, make a conversion invalid. */
#define FORMAT_WIDTH_MAX 1000
#define FORMAT_PRECISION_MAX 100

struct format {
    char fill;     /* usually a blank */
    char align;    /* '<', '>', '^', '=' (after the sign); 0: numbers to the right */
    char sign;     /* '+' or ' ' before numbers that have none; 0: nothing */
    char type;     /* the letter; 0: none */
    int width;     /* in characters; 0: as many as there are */
    int precision; /* -1: none */
};

/* Reads a conversion from the position after the % and the name: flags, width, precision,
 * a length of C, and the letter.  Returns the position after it, or NULL. */
const char *format_percent(const char *p, const char *end, struct format *out) MUST_CHECK;

/* Reads what follows the colon in braces.  Returns false when it is none of Python's:
 * then *out changes nothing. */
bool format_brace(struct str spec, struct format *out) MUST_CHECK;

/* Appends a value; is_number: text is a JSON number. */
void format_put(struct buf *out, const struct format *f, struct str text, bool is_number);

#endif
