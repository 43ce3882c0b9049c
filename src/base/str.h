/*
 * str: a view of bytes, pointer and length, owned by somebody else.
 *
 * p == NULL means "not there", which is not the same as an empty text.  The bytes may
 * hold NUL and are not NUL-terminated unless whoever made them says so.
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

/* The same to initialise what is static, of which C wants no compound literal. */
#define STR_INIT(literal)              \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* The absent view. */
#define STR_NONE ((struct str){NULL, 0})

/* A view of a NUL-terminated text; NULL gives the absent view.  Borrows s. */
struct str str_of(const char *s) MUST_CHECK;

/* Same bytes (an absent view equals only an absent view). */
bool str_eq(struct str a, struct str b) MUST_CHECK;

/* Same bytes, ASCII letters of either case taken as equal. */
bool str_eq_nocase(struct str a, struct str b) MUST_CHECK;

/* Does s begin with prefix? */
bool str_starts(struct str s, struct str prefix) MUST_CHECK;

/* Without blanks and tabs at both ends. */
struct str str_trim(struct str s) MUST_CHECK;

/* Cuts the piece before the first `sep` off *rest and gives it; without a `sep` gives all
 * and leaves *rest absent.  An absent *rest gives the absent view: so loop until p is
 * NULL. */
struct str str_cut(struct str *rest, char sep) MUST_CHECK;

/* Cuts the first word, without the blanks and tabs around it, off *rest and gives it; of
 * an only word nothing is left and *rest is absent. */
struct str str_cut_word(struct str *rest) MUST_CHECK;

/* Copies s into out, which has room for n > 0 bytes, NUL-terminated; what does not fit is
 * cut off. */
void str_copy(struct str s, char *out, size_t n);

/* Orders by bytes, then by length: <0, 0, >0.  Absent sorts as empty. */
int str_cmp(struct str a, struct str b) MUST_CHECK;

#endif
