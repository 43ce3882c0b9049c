/*
 * arena: memory that lives as long as one request (or one batch) and then goes at once.
 *
 * Nothing taken from an arena is freed alone, so error paths have nothing to clean up.
 * The cap bounds what one request can cost.  The first block is kept over a reset: a
 * quiet process does not allocate at all.
 */
#ifndef MESHER_BASE_ARENA_H
#define MESHER_BASE_ARENA_H

#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

struct arena;

/* Makes an arena that gives at most max_bytes between two resets; its first block has
 * first_bytes.  Gives it for arena_free(), or NULL (ENOMEM). */
struct arena *arena_new(size_t first_bytes, size_t max_bytes) MUST_CHECK;

/* Frees a and all that it gave; NULL is allowed. */
void arena_free(struct arena *a);

/* Takes back all that a gave; keeps the first block. */
void arena_reset(struct arena *a);

/* Where an arena has come to.  arena_back() takes back what it gave since, in the reverse
 * order of the marks. */
struct arena_mark {
    void *block;
    size_t used, given;
};
struct arena_mark arena_mark(const struct arena *a) MUST_CHECK;
void arena_back(struct arena *a, struct arena_mark to);

/* Gives n bytes, aligned for any type, not cleared; n may be 0.  NULL when the cap or the
 * memory is reached. */
void *arena_get(struct arena *a, size_t n) MUST_CHECK;

/* The same for an array of count elements of size bytes, cleared; checks the product. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_CHECK;

/* A copy of s, with a NUL behind it that is not counted; absent stays absent.  Returns 0,
 * or -1 when the cap or the memory is reached (*out is then absent). */
int arena_copy(struct arena *a, struct str s, struct str *out) MUST_CHECK;

#endif
