#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#include "base/budget.h"

#define ONES 0x0101010101010101U
#define HIGHS 0x8080808080808080U

static bool
is_tail(char c)
{
    return ((unsigned char)c & 0xc0U) == 0x80U;
}

/* The second byte reveals overlong forms, surrogates and code points beyond U+10FFFF (RFC
 * 3629, section 4). */
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

    budget_spend(s.n);
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

int
utf8_cut(struct arena *a, struct str text, size_t max_chars, struct str *out)
{
    struct str head = utf8_head(text, max_chars);
    char *p;

    CHECK(max_chars > 3);
    *out = text;
    if (head.n == text.n)
        return 0;
    head = utf8_head(text, max_chars - 3);
    p = arena_get(a, head.n + 3);
    if (p == NULL)
        return -1;
    (void)memcpy(p, head.p, head.n);
    (void)memset(p + head.n, '.', 3);
    *out = (struct str){p, head.n + 3};
    return 0;
}

/* Returns the length of a character of white space at the start of s; 0: none. */
static size_t
blank_at(struct str s)
{
    static const struct str wide[] = {
        STR_INIT("\xc2\x85"),     STR_INIT("\xc2\xa0"),     STR_INIT("\xe1\x9a\x80"),
        STR_INIT("\xe2\x80\xa8"), STR_INIT("\xe2\x80\xa9"), STR_INIT("\xe2\x80\xaf"),
        STR_INIT("\xe2\x81\x9f"), STR_INIT("\xe3\x80\x80"), STR_INIT("\xef\xbb\xbf")};

    if (s.n == 0)
        return 0;
    if (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r'))
        return 1;
    for (size_t i = 0; i < COUNT_OF(wide); i++)
        if (str_starts(s, wide[i]))
            return wide[i].n;
    /* U+2000 to U+200A */
    return s.n >= 3 && memcmp(s.p, "\xe2\x80", 2) == 0 &&
                   (unsigned char)s.p[2] >= 0x80U && (unsigned char)s.p[2] <= 0x8aU
               ? 3
               : 0;
}

struct str
utf8_trim(struct str s)
{
    size_t n;

    while ((n = blank_at(s)) > 0)
        s = (struct str){s.p + n, s.n - n};
    for (size_t back = 1; back <= 3 && back <= s.n;) {
        struct str last = {s.p + s.n - back, back};

        if (blank_at(last) != back) {
            back++;
            continue;
        }
        s.n -= back;
        back = 1;
    }
    return s;
}
