#include "base/glob.h"

#include "base/ascii.h"
#include "base/budget.h"
#include "base/utf8.h"

/* Returns how many bytes of text match the pattern's element at *p (0: none), and moves
 * *p to the next element. */
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

/* On a mismatch the last star takes one more byte; earlier stars need not be tried
 * again. */
bool
glob_matches(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = 0, from = 0;
    bool has_star = false;

    while (t < text.n && budget_left()) {
        size_t next = p, n = 0;

        budget_spend(1);

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
