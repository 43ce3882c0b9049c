/*
 * pack: a payload as one zstd frame (RFC 8878).
 *
 * Texts of a few hundred bytes do not get smaller, and trying costs as much as all the
 * rest that a responder does with an event: they become a frame with one raw block.
 */
#ifndef MESHER_WIRE_PACK_H
#define MESHER_WIRE_PACK_H

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

/* Up to this many bytes are not compressed. */
#define PACK_RAW_BYTES 255U

struct pack;

/* Makes a packer for zstd's compression level (1..19).  Gives it for pack_free(), or NULL
 * (ENOMEM). */
struct pack *pack_new(int level) MUST_CHECK;

/* Frees p; NULL is allowed. */
void pack_free(struct pack *p);

/* Appends the frame that holds bytes to out.  Returns 0, or -1 when memory ran out. */
int pack_add(struct pack *p, struct str bytes, struct buf *out) MUST_CHECK;

/* Appends what a frame of pack_add() holds, at most max bytes.  Returns 0, or -1 when it
 * is damaged or too large. */
int pack_open(struct str frame, size_t max, struct buf *out) MUST_CHECK;

#endif
