/*
 * utf8: UTF-8 validation (RFC 3629) and truncation at character boundaries.
 */
#ifndef MESHER_BASE_UTF8_H
#define MESHER_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/str.h"

/* Returns the length in bytes of the character at the start of s; 0 when it is invalid or
 * s is empty. */
size_t utf8_char(struct str s) MUST_CHECK;

/* Returns whether all of s is valid UTF-8: no overlong form, no surrogate, nothing beyond
 * U+10FFFF.  If it is not, and bad_at is not NULL, *bad_at is set to the offset of the
 * first byte that does not begin a character. */
bool utf8_valid(struct str s, size_t *bad_at) MUST_CHECK;

/* Returns the first max_chars characters of valid UTF-8 s. */
struct str utf8_head(struct str s, size_t max_chars) MUST_CHECK;

/* Returns s without white space at both ends: Unicode's (White_Space), and U+FEFF, which
 * files of Windows begin with. */
struct str utf8_trim(struct str s) MUST_CHECK;

/* Returns the number of characters in valid UTF-8 s. */
size_t utf8_count(struct str s) MUST_CHECK;

/* Cuts text to max_chars characters (at least 4), ending a longer text in three dots.
 * Returns 0, or -1 when the arena is exhausted. */
int utf8_cut(struct arena *a, struct str text, size_t max_chars,
             struct str *out) MUST_CHECK;

#endif
