/*
 * ascii: character classes of bytes, independent of the locale.
 */
#ifndef MESHER_BASE_ASCII_H
#define MESHER_BASE_ASCII_H

#include <stdbool.h>

static inline bool
ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
ascii_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool
ascii_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool
ascii_is_alpha(char c)
{
    return ascii_is_lower(c) || ascii_is_upper(c);
}

static inline bool
ascii_is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

static inline bool
ascii_is_hex(char c)
{
    return ascii_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool
ascii_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A word character as in regular expressions.  All bytes outside ASCII count as word
 * characters: letters are far more frequent there than punctuation. */
static inline bool
ascii_is_word(char c)
{
    return ascii_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80U;
}

static inline char
ascii_lower(char c)
{
    if (ascii_is_upper(c))
        return (char)((unsigned char)c | 0x20U);
    return c;
}

#endif
