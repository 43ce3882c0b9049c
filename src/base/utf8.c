#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define ONES 0x0101010101010101U
#define HIGHS 0x8080808080808080U

static bool
is_tail(char c)
{
    return ((unsigned char)c & 0xc0U) == 0x80U;
}

/* The second byte is where overlong forms, surrogates and what is beyond U+10FFFF show
 * (RFC 3629, section 4). */
static bool
is_second(unsigned char first, char c)
{
    unsigned char second = (unsigned char)c;

    switch (first) {
    case 0xe0:
        return second >= 0xa0U && second <= 0xbfU;
    case 0xed:
        return second >= 0x80U && second <= 0x9fU;
    case 0xf0:
        return second >= 0x90U && second <= 0xbfU;
    case 0xf4:
        return second >= 0x80U && second <= 0x8fU;
    default:
        return is_tail(c);
    }
}

size_t
utf8_char(struct str s)
{
    unsigned char first = s.n == 0 ? 0xffU : (unsigned char)s.p[0];

    if (first < 0x80U)
        return 1;
    if (first < 0xc2U || first > 0xf4U || s.n < 2 || !is_second(first, s.p[1]))
        return 0;
    if (first < 0xe0U)
        return 2;
    if (s.n < 3 || !is_tail(s.p[2]))
        return 0;
    if (first < 0xf0U)
        return 3;
    return s.n >= 4 && is_tail(s.p[3]) ? 4 : 0;
}

bool
utf8_valid(struct str s, size_t *bad_at)
{
    size_t at = 0;

    while (at < s.n) {
        uint64_t eight;
        size_t n;

        if (s.n - at >= sizeof eight) {
            (void)memcpy(&eight, s.p + at, sizeof eight);
            if ((eight & HIGHS) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        n = utf8_char((struct str){s.p + at, s.n - at});
        if (n == 0) {
            if (bad_at != NULL)
                *bad_at = at;
            return false;
        }
        at += n;
    }
    return true;
}

struct str
utf8_head(struct str s, size_t max_chars)
{
    size_t chars = 0;

    if (s.n <= max_chars)
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (!is_tail(s.p[i]) && chars++ == max_chars)
            return (struct str){s.p, i};
    return s;
}

size_t
utf8_count(struct str s)
{
    size_t at = 0, tails = 0;

    for (; s.n - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t eight;

        (void)memcpy(&eight, s.p + at, sizeof eight);
        eight = (eight >> 7) & ~(eight >> 6) & ONES;
        tails += (eight * ONES) >> 56;
    }
    for (; at < s.n; at++)
        tails += is_tail(s.p[at]) ? 1 : 0;
    return s.n - tails;
}
