/*
 * buf: bytes that grow, up to a limit.
 *
 * The first append that would pass `max` (or finds no memory) sets `failed`, and all
 * later ones do nothing: append many, test once.  data is NULL until something was
 * appended.  A buf is always safe to release, a zeroed one too.
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
    size_t max; /* never more than this in use */
    bool failed;
};

/* An empty buf that may hold max bytes.  Allocates nothing. */
struct buf buf_init(size_t max) MUST_CHECK;

/* Frees the bytes; b is then an empty buf with the same max. */
void buf_release(struct buf *b);

/* Forgets the content and a failure, keeps the memory unless more than keep bytes of it.
 */
void buf_clear(struct buf *b, size_t keep);

/* Makes room for n more bytes and gives where they go, or NULL after setting failed.  The
 * caller adds what it wrote to b->n. */
char *buf_reserve(struct buf *b, size_t n) MUST_CHECK;

/* Appends. */
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

/* Overwrites 4 bytes at offset `at`, which must be in use. */
void buf_set_be32(struct buf *b, size_t at, uint32_t v);

/* Drops the first n bytes (n at most b->n) and moves the rest to the front. */
void buf_drop(struct buf *b, size_t n);

/* The content as a view, good until the next change; never absent. */
struct str buf_str(const struct buf *b) MUST_CHECK;

#endif
