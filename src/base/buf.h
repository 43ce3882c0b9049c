/*
 * buf: a byte buffer that grows up to a limit.
 *
 * The first append that would exceed `max` (or runs out of memory) sets `failed`, and all
 * later appends do nothing: append many times, test once. data is NULL until the first
 * append.  A buf is always safe to release, including a zeroed one.
 */
#ifndef MESHER_BASE_BUF_H
#define MESHER_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

struct buf {
    char *data;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* limit of n */
    bool failed;
};

/* Returns an empty buf that may hold max bytes.  Allocates nothing. */
struct buf buf_init(size_t max) MUST_CHECK;

/* Frees the memory; b is then an empty buf with the same max. */
void buf_release(struct buf *b);

/* Discards the content and clears `failed`; keeps the memory if it is at most keep
 * bytes. */
void buf_clear(struct buf *b, size_t keep);

/* Reserves room for n more bytes and returns where to write them, or NULL after setting
 * `failed`.  The caller adds the number of bytes written to b->n. */
char *buf_reserve(struct buf *b, size_t n) MUST_CHECK;

/* Append bytes or text. */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_text(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_add_f(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Appends an integer in network byte order. */
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_be16(struct buf *b, uint16_t v);
void buf_add_be32(struct buf *b, uint32_t v);
void buf_add_be64(struct buf *b, uint64_t v);

/* Overwrites 4 bytes at offset `at`, which must be within the content. */
void buf_set_be32(struct buf *b, size_t at, uint32_t v);

/* Removes the first n bytes (n at most b->n) and moves the rest to the front. */
void buf_drop(struct buf *b, size_t n);

/* Returns a view of the content, valid until the next change; never absent. */
struct str buf_str(const struct buf *b) MUST_CHECK;

/* Returns the content as a C text, valid until the next change: a NUL follows it, which
 * is not counted in n.  Never NULL: "" when nothing was appended, or when b has failed or
 * has no room for the NUL (then it has failed). */
const char *buf_text(struct buf *b) MUST_CHECK;

#endif
