/*
 * name_parts: what the name_*.c files share: searching in names, and the functions of the
 * languages.
 */
#ifndef MESHER_FRAMES_NAME_PARTS_H
#define MESHER_FRAMES_NAME_PARTS_H

#include <string.h>

#include "base/ascii.h"
#include "frames/name.h"

/* Returns the first occurrence of word in text, or NULL. */
static inline const char *
name_first(struct str text, struct str word)
{
    return text.n == 0 ? NULL : memmem(text.p, text.n, word.p, word.n);
}

/* Returns the last one, or NULL. */
static inline const char *
name_last(struct str text, struct str word)
{
    for (size_t i = text.n; i >= word.n; i--)
        if (memcmp(text.p + i - word.n, word.p, word.n) == 0)
            return text.p + i - word.n;
    return NULL;
}

/* Returns the text before `at`; all of it when at is NULL. */
static inline struct str
name_before(struct str text, const char *at)
{
    return at == NULL ? text : (struct str){text.p, (size_t)(at - text.p)};
}

/* Returns the text from `skip` bytes behind `at`. */
static inline struct str
name_behind(struct str text, const char *at, size_t skip)
{
    return (struct str){at + skip, (size_t)(text.p + text.n - at) - skip};
}

static inline bool
name_ends(struct str text, struct str word)
{
    return text.n >= word.n && memcmp(text.p + text.n - word.n, word.p, word.n) == 0;
}

static inline bool
name_is_one_of(struct str name, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

/* Removes a word at the start; returns whether it was there. */
static inline bool
name_skip(struct str *text, struct str word)
{
    if (!str_starts(*text, word))
        return false;
    *text = (struct str){text->p + word.n, text->n - word.n};
    return true;
}

/* Removes the digits at the end; returns how many there were. */
static inline size_t
name_drop_digits(struct str *text)
{
    size_t n = text->n;

    while (text->n > 0 && ascii_is_digit(text->p[text->n - 1]))
        text->n--;
    return n - text->n;
}

/* Each takes a name that is not empty and sets *out; out->counts is initially absent and
 * becomes out->full when it stays so, unless out->full is absent.  They return 0, or -1
 * with ERROR_UNAVAILABLE. */
typedef int name_cleaner(struct arena *a, struct str name, struct str module,
                         struct name *out, struct error *e);

name_cleaner name_javascript, name_php, name_ruby, name_perl,
    name_lua;                                                         /* name_script.c */
name_cleaner name_java, name_go, name_dotnet, name_elixir, name_dart; /* name_managed.c */
name_cleaner name_native, name_apple;                                 /* name_native.c */
name_cleaner name_rust;                                               /* name_rust.c */

#endif
