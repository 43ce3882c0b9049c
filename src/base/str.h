/*
 * str: a view of bytes, as a pointer and a length, owned by somebody else.
 *
 * p == NULL means "absent", which differs from an empty text.  The bytes may contain NUL
 * and are not NUL-terminated unless their owner says so.
 */
#ifndef MESHER_BASE_STR_H
#define MESHER_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"

struct str {
    const char *p;
    size_t n;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* Initialises a static view, where C does not allow a compound literal. */
#define STR_INIT(literal)              \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* The absent view. */
#define STR_NONE ((struct str){NULL, 0})

/* Returns a view of a NUL-terminated text; NULL gives the absent view.  Borrows s. */
struct str str_of(const char *s) MUST_CHECK;

/* Returns whether the bytes are equal (an absent view equals only an absent view). */
bool str_eq(struct str a, struct str b) MUST_CHECK;

/* The same, ignoring the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b) MUST_CHECK;

/* Returns whether s begins with prefix. */
bool str_starts(struct str s, struct str prefix) MUST_CHECK;

/* Returns s without blanks and tabs at both ends. */
struct str str_trim(struct str s) MUST_CHECK;

/* Cuts the piece before the first `sep` off *rest and returns it; without a `sep`,
 * returns all and leaves *rest absent.  An absent *rest gives the absent view: loop until
 * p is NULL. */
struct str str_cut(struct str *rest, char sep) MUST_CHECK;

/* Cuts the first word off *rest, with the blanks and tabs around it, and returns the
 * word; after the last word *rest is absent. */
struct str str_cut_word(struct str *rest) MUST_CHECK;

/* Copies s into out, which has room for n > 0 bytes, and terminates it with NUL;
 * truncates a text that does not fit. */
void str_copy(struct str s, char *out, size_t n);

/* Compares by bytes, then by length: <0, 0, >0.  Absent sorts as empty. */
int str_cmp(struct str a, struct str b) MUST_CHECK;

#endif
