#include "base/glob.h"

#include "base/ascii.h"
#include "base/utf8.h"

/* How many bytes of text the pattern's element at *p takes (0: it does not fit), and
 * where the next element is. */
static size_t
element(struct str pattern, size_t *p, struct str text, size_t t)
{
    struct str rest = {text.p + t, text.n - t};
    char c = pattern.p[*p];

    if (c == '?') {
        size_t n = utf8_char(rest);

        ++*p;
        return n == 0 ? 1 : n;
    }
    if (c == '\\' && *p + 1 < pattern.n)
        c = pattern.p[++*p];
    ++*p;
    return ascii_lower(c) == ascii_lower(text.p[t]) ? 1 : 0;
}

/* When something does not fit, the last star takes one byte more; the stars before it
 * need not be tried again. */
bool
glob_matches(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = 0, from = 0;
    bool has_star = false;

    while (t < text.n) {
        size_t next = p, n = 0;

        if (p < pattern.n && pattern.p[p] == '*') {
            has_star = true;
            star = ++p;
            from = t;
            continue;
        }
        if (p < pattern.n)
            n = element(pattern, &next, text, t);
        if (n > 0) {
            p = next;
            t += n;
        } else if (has_star) {
            p = star;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}
