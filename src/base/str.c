#include "base/str.h"

#include <string.h>

#include "base/budget.h"

struct str
str_of(const char *s)
{
    return s == NULL ? STR_NONE : (struct str){s, strlen(s)};
}

bool
str_eq(struct str a, struct str b)
{
    if (a.p == NULL || b.p == NULL)
        return a.p == b.p;
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static int
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool
str_eq_nocase(struct str a, struct str b)
{
    if (a.p == NULL || b.p == NULL)
        return a.p == b.p;
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool
str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct str
str_trim(struct str s)
{
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str
str_cut(struct str *rest, char sep)
{
    struct str piece = *rest;
    const char *at = rest->n == 0 ? NULL : memchr(rest->p, sep, rest->n);

    if (at == NULL) {
        budget_spend(piece.n);
        *rest = STR_NONE;
        return piece;
    }
    piece.n = (size_t)(at - piece.p);
    budget_spend(piece.n);
    *rest = (struct str){at + 1, rest->n - piece.n - 1};
    return piece;
}

struct str
str_cut_word(struct str *rest)
{
    struct str all = str_trim(*rest);

    for (size_t i = 0; i < all.n; i++)
        if (all.p[i] == ' ' || all.p[i] == '\t') {
            *rest = str_trim((struct str){all.p + i, all.n - i});
            return (struct str){all.p, i};
        }
    *rest = STR_NONE;
    return all;
}

void
str_copy(struct str s, char *out, size_t n)
{
    size_t length = s.n < n ? s.n : n - 1;

    if (length > 0)
        (void)memcpy(out, s.p, length);
    out[length] = '\0';
}

int
str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}
