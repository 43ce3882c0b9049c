/*
 * body: reads and decompresses a request's body within limits.
 */
#ifndef MESHER_INGEST_BODY_H
#define MESHER_INGEST_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "wire/inflate.h"

/* The source of the bytes, a front.  read returns up to n bytes, 0 at the end, or -1 with
 * ERROR_TIMEOUT or ERROR_MALFORMED when the body will never be complete. */
struct body_source {
    ptrdiff_t (*read)(void *context, char *p, size_t n, struct error *e);
    void *context;
    struct str length;           /* CONTENT_LENGTH; absent or empty: not given */
    struct str content_encoding; /* absent or empty: identity */
};

/* Reads the whole body into out (emptied first), decompressed.  limit bounds the bytes
 * both before and after decompression; a CONTENT_LENGTH over it is refused before a byte
 * is read.  Returns 0, or -1: ERROR_TOO_LARGE, ERROR_ENCODING, ERROR_MALFORMED (not of
 * that coding; a length that is not a number or does not match the body), or read's
 * error. */
int body_read(const struct body_source *from, size_t limit, struct buf *out,
              struct error *e) MUST_CHECK;

/* Reads the whole body and passes it to the sink as it arrives, decompressed; sent_max
 * bounds the bytes received, sink->limit those passed on.  A body that is declared as
 * gzip but begins with '{' was decompressed by a proxy that left the header: it is taken
 * unchanged.  Returns as body_read(), or -1 with the sink's error. */
int body_stream(const struct body_source *from, size_t sent_max,
                struct inflate_sink *sink, struct error *e) MUST_CHECK;

/* Returns whether no length was given. */
bool body_is_unannounced(const struct body_source *from) MUST_CHECK;

/* Sets ERROR_TOO_LARGE with its text.  Returns -1. */
int body_too_large(size_t limit, struct error *e);

#endif
