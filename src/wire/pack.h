/*
 * pack: compresses a payload into one zstd frame (RFC 8878).
 *
 * Texts of a few hundred bytes do not shrink, and trying costs as much as all the rest of
 * a responder's work on an event: they become a frame with one raw block.
 */
#ifndef MESHER_WIRE_PACK_H
#define MESHER_WIRE_PACK_H

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

/* Payloads up to this size are not compressed. */
#define PACK_RAW_BYTES 255U

struct pack;

/* Creates a packer for zstd's compression level (1..19).  Returns an object to be freed
 * with pack_free(), or NULL (ENOMEM). */
struct pack *pack_new(int level) MUST_CHECK;

/* Frees p, which may be NULL. */
void pack_free(struct pack *p);

/* Appends the frame that holds bytes to out.  Returns 0, or -1 when memory ran out. */
int pack_add(struct pack *p, struct str bytes, struct buf *out) MUST_CHECK;

/* Appends the content of a frame of pack_add(), at most max bytes.  Returns 0, or -1 when
 * it is damaged or too large. */
int pack_open(struct str frame, size_t max, struct buf *out) MUST_CHECK;

#endif
