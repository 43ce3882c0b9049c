/*
 * base64: RFC 4648, as clients write it.
 *
 * The standard alphabet; padding may be missing, and line breaks and blanks may appear
 * anywhere.
 */
#ifndef MESHER_WIRE_BASE64_H
#define MESHER_WIRE_BASE64_H

#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

/* Decodes text into out, which has room for text.n / 4 * 3 + 3 bytes; out may be text's
 * own memory.  Sets *n.  Returns 0, or -1 when it is not base64. */
int base64_decode(struct str text, char *out, size_t *n) MUST_CHECK;

#endif
