#include "json/repair.h"

#include <string.h>

#include "base/budget.h"
#include "base/utf8.h"

static const struct str replacement = {"\xef\xbf\xbd", 3}, null_word = {"null", 4};

/* Destination of the repaired text; with out == NULL its length is only counted. */
struct repair {
    char *out;
    size_t n;
    bool changed;
};

static void
put(struct repair *r, struct str s)
{
    if (r->out != NULL)
        (void)memcpy(r->out + r->n, s.p, s.n);
    r->n += s.n;
}

/* Returns the length of a bare word at the start of s, 0 for none. */
static size_t
word_at(struct str s)
{
    static const struct str words[] = {{"NaN", 3}, {"Infinity", 8}, {"-Infinity", 9}};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_starts(s, words[i]))
            return words[i].n;
    return 0;
}

/* Takes one step of s: a character, an escape or a word. */
static size_t
step(struct repair *r, struct str s, bool words, bool *in_string)
{
    size_t n = utf8_char(s), word = words && !*in_string ? word_at(s) : 0;

    if (n == 0 || word > 0) {
        r->changed = true;
        put(r, n == 0 ? replacement : null_word);
        return n == 0 ? 1 : word;
    }
    if (s.p[0] == '\\' && *in_string && s.n > 1 && (unsigned char)s.p[1] < 0x80U)
        n = 2;
    else if (s.p[0] == '"')
        *in_string = !*in_string;
    put(r, (struct str){s.p, n});
    return n;
}

static void
walk(struct repair *r, struct str text, bool words)
{
    bool in_string = false;

    budget_spend(text.n);
    for (size_t i = 0; i < text.n;)
        i += step(r, (struct str){text.p + i, text.n - i}, words, &in_string);
}

int
repair_text(struct arena *a, struct str text, bool words, struct str *out,
            struct error *e)
{
    struct repair r = {NULL, 0, false};

    *out = text;
    walk(&r, text, words);
    if (!r.changed)
        return 0;
    r = (struct repair){arena_get(a, r.n), 0, false};
    if (r.out == NULL)
        return error_no_memory(e);
    walk(&r, text, words);
    *out = (struct str){r.out, r.n};
    return 0;
}
