/*
 * utf8: validation (RFC 3629) and cutting at character borders.
 */
#ifndef MESHER_BASE_UTF8_H
#define MESHER_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

/* How many bytes the character takes that s begins with; 0 when that is none (or s is
 * empty). */
size_t utf8_char(struct str s) MUST_CHECK;

/* Is all of s valid UTF-8: no overlong form, no surrogate, nothing beyond U+10FFFF?  When
 * not and bad_at is not NULL, *bad_at is the offset of the first byte that begins no
 * character. */
bool utf8_valid(struct str s, size_t *bad_at) MUST_CHECK;

/* The first max_chars characters of valid UTF-8 s. */
struct str utf8_head(struct str s, size_t max_chars) MUST_CHECK;

/* Number of characters in valid UTF-8 s. */
size_t utf8_count(struct str s) MUST_CHECK;

#endif
