#include "cmd/ctl_synopsis.h"

#include <string.h>

#define MANY ((size_t)1000)

/* Cuts a word off; brackets around it change the depth. */
static struct str
cut(const char **rest, unsigned *depth, bool *optional)
{
    const char *p = *rest;
    struct str word;

    while (*p == ' ')
        p++;
    for (; *p == '['; p++)
        ++*depth;
    *optional = *depth > 0;
    word = (struct str){p, strcspn(p, " ]")};
    for (p += word.n; *p == ']'; p++)
        --*depth;
    *rest = p;
    return word;
}

bool
synopsis_next(const char **rest, unsigned *depth, struct synopsis_word *out)
{
    bool optional, ignored;
    struct str word = cut(rest, depth, &optional);

    *out = (struct synopsis_word){.optional = optional};
    if (word.n == 0)
        return false;
    out->kind = word.p[0] == '-' ? SYNOPSIS_OPTION : SYNOPSIS_ARGUMENT;
    if (str_eq(word, STR("|")))
        out->kind = SYNOPSIS_BAR;
    if (word.n > 3 && memcmp(word.p + word.n - 3, "...", 3) == 0) {
        out->repeats = true;
        word.n -= 3;
    }
    out->name = word;
    if (out->kind != SYNOPSIS_OPTION)
        return true;
    out->name = (struct str){word.p + 2, word.n - 2};
    if (**rest == ' ' && strchr("-[|", (*rest)[1]) == NULL)
        out->value = cut(rest, depth, &ignored);
    return true;
}

bool
synopsis_has(const char *synopsis, const char *option, struct str *value)
{
    struct synopsis_word w;
    unsigned depth = 0;

    while (synopsis_next(&synopsis, &depth, &w))
        if (w.kind == SYNOPSIS_OPTION && str_eq(w.name, str_of(option))) {
            *value = w.value;
            return true;
        }
    return false;
}

int
synopsis_arguments(const char *synopsis, size_t n, struct str *missing)
{
    bool fits = false, more = true;
    int rc = 1;

    *missing = STR_NONE;
    while (more && !fits) { /* each alternative */
        size_t least = 0, most = 0;
        struct synopsis_word w;
        unsigned depth = 0;

        while ((more = synopsis_next(&synopsis, &depth, &w)) &&
               (w.kind != SYNOPSIS_BAR || w.optional)) {
            if (w.kind != SYNOPSIS_ARGUMENT)
                continue;
            if (most == n && !w.optional && missing->p == NULL)
                *missing = w.name;
            least += !w.optional;
            most += w.repeats ? MANY : 1;
        }
        fits = n >= least && n <= most;
        if (n < least)
            rc = -1;
    }
    return fits ? 0 : rc;
}

bool
synopsis_allows(struct str value, const char *text)
{
    if (value.p == NULL || memchr(value.p, '|', value.n) == NULL)
        return true;
    while (value.n > 0)
        if (str_eq(str_cut(&value, '|'), str_of(text)))
            return true;
    return false;
}
