/*
 * arena: memory with the lifetime of one request (or one batch), released in one step.
 *
 * Allocations are never freed one by one, so error paths have nothing to clean up.  The
 * cap bounds the memory that one request can use.  A reset keeps the first block: a
 * process under light load does not allocate at all.
 */
#ifndef MESHER_BASE_ARENA_H
#define MESHER_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

struct arena;

/* Creates an arena that hands out at most max_bytes between two resets, with a first
 * block of first_bytes.  Returns an object to be freed with arena_free(), or NULL
 * (ENOMEM). */
struct arena *arena_new(size_t first_bytes, size_t max_bytes) MUST_CHECK;

/* Frees a and everything allocated from it; a may be NULL. */
void arena_free(struct arena *a);

/* Returns whether an allocation since the last reset exceeded the cap: then the input is
 * too large, rather than the machine short of memory. */
bool arena_is_full(const struct arena *a) MUST_CHECK;

/* Releases everything allocated from a; keeps the first block. */
void arena_reset(struct arena *a);

/* A position in an arena. arena_rewind() releases everything allocated since; marks are
 * rewound in reverse order. */
struct arena_mark {
    void *block;
    size_t used, given;
};
struct arena_mark arena_mark(const struct arena *a) MUST_CHECK;
void arena_rewind(struct arena *a, struct arena_mark to);

/* Returns n bytes, aligned for any type and not cleared; n may be 0.  Returns NULL when
 * the cap is reached or memory runs out. */
void *arena_get(struct arena *a, size_t n) MUST_CHECK;

/* Allocates an array of count elements of size bytes, cleared; checks the product for
 * overflow. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_CHECK;

/* Copies s into the arena and adds a NUL that is not counted; an absent s stays absent.
 * Returns 0, or -1 when the cap is reached or memory runs out (*out is then absent). */
int arena_copy(struct arena *a, struct str s, struct str *out) MUST_CHECK;

#endif
