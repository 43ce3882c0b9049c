/*
 * patterns: tables of messages, with the text that each becomes.
 */
#ifndef MESHER_TESTS_PATTERNS_H
#define MESHER_TESTS_PATTERNS_H

#include <stdio.h>
#include <string.h>

#include "grouping/parameterize.h"
#include "unit.h"

#define EACH_MIN 5U

/* wanted: NULL where the text stays as it is. */
struct row {
    int line;
    const char *text, *wanted;
};

#define GOES(text, wanted)     \
    {                          \
        __LINE__, text, wanted \
    }
#define STAYS(text)          \
    {                        \
        __LINE__, text, NULL \
    }

static inline void
becomes(const struct row *row)
{
    struct str text = str_of(row->text),
               wanted = row->wanted == NULL ? text : str_of(row->wanted), out;
    struct error e;

    UNIT_EQ(parameterize_text(unit_arena(), unit_exact(text), &out, &e), 0);
    if (!str_eq(out, wanted))
        (void)printf("line %d: \"%s\" became \"%.*s\"\n", row->line, row->text,
                     (int)out.n, out.p);
    UNIT(str_eq(out, wanted));
}

/* The word stands in all that is taken, and in nothing that is left. */
static inline void
check(const char *word, const struct row *taken, size_t n_taken, const struct row *left,
      size_t n_left)
{
    UNIT(n_taken >= EACH_MIN && n_left >= EACH_MIN);
    for (size_t i = 0; i < n_taken; i++) {
        UNIT(word == NULL ||
             (taken[i].wanted != NULL && strstr(taken[i].wanted, word) != NULL));
        becomes(&taken[i]);
    }
    for (size_t i = 0; i < n_left; i++) {
        UNIT(word == NULL || left[i].wanted == NULL ||
             strstr(left[i].wanted, word) == NULL);
        becomes(&left[i]);
    }
}

#define BOTH(word) check(word, taken, COUNT_OF(taken), left, COUNT_OF(left))

#endif
