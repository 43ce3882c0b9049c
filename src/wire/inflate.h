/*
 * inflate: decodes a request body's Content-Encoding, up to a limit.
 *
 * Bytes are decoded as they arrive, into a buf whose max is the limit, so a decompression
 * bomb stops there; or piece by piece into a sink, for bodies that are not kept whole.
 * Codings: identity, gzip (several members, RFC 1952), deflate (zlib, RFC 1950, else raw,
 * RFC 1951), br (RFC 7932), zstd (RFC 8878).  Memory is bounded: br has windows up to 16
 * MiB; zstd windows over 8 MiB are refused.
 */
#ifndef MESHER_WIRE_INFLATE_H
#define MESHER_WIRE_INFLATE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

enum inflate_coding {
    INFLATE_IDENTITY,
    INFLATE_GZIP,
    INFLATE_DEFLATE,
    INFLATE_ZSTD,
    INFLATE_BR
};

struct inflate;

/* Parses a Content-Encoding header value (absent, empty, identity and utf-8 are
 * INFLATE_IDENTITY; x-gzip is gzip; any letter case; identity in a list is skipped).
 * Returns 0, or -1 with ERROR_ENCODING, whose text lists the known codings, for an
 * unknown coding or two real ones. */
int inflate_coding(struct str header, enum inflate_coding *out,
                   struct error *e) MUST_CHECK;

/* Creates a decoder.  Returns an object to be freed with inflate_free(), or NULL
 * (ENOMEM). */
struct inflate *inflate_new(enum inflate_coding coding) MUST_CHECK;

/* Frees z, which may be NULL. */
void inflate_free(struct inflate *z);

/* Decodes n bytes and appends them to out.  Returns 0, or -1: ERROR_TOO_LARGE when out
 * reached its max ("payload too large: limit is N bytes"), ERROR_MALFORMED when the bytes
 * are not of that coding (the text names the coding and the compressed byte at which this
 * was noticed) or when bytes follow its end, ERROR_UNAVAILABLE when out ran out of
 * memory. */
int inflate_feed(struct inflate *z, const void *p, size_t n, struct buf *out,
                 struct error *e) MUST_CHECK;

/* Receives the output of inflate_stream(). */
struct inflate_sink {
    int (*take)(void *context, const char *p, size_t n, struct error *e);
    void *context;
    size_t limit; /* bytes in all */
    size_t taken; /* so far */
};

/* Decodes n bytes and passes them to the sink in pieces of at most 16 KiB; the sink
 * receives at most one such piece beyond the limit.  Returns as inflate_feed(), or -1
 * with take()'s error. */
int inflate_stream(struct inflate *z, const void *p, size_t n, struct inflate_sink *sink,
                   struct error *e) MUST_CHECK;

/* Ends the body.  Returns 0, or -1 with ERROR_MALFORMED when the stream is truncated or
 * empty. */
int inflate_end(struct inflate *z, struct error *e) MUST_CHECK;

#endif
