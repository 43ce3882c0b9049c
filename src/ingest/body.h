/*
 * body: a request's body, read and inflated under limits.
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

/* Where the bytes come from: a front.  read gives up to n bytes, 0 at the end, -1 with
 * ERROR_TIMEOUT or ERROR_MALFORMED when the body will never be whole. */
struct body_source {
    ptrdiff_t (*read)(void *context, char *p, size_t n, struct error *e);
    void *context;
    struct str length;           /* CONTENT_LENGTH; absent or empty: not announced */
    struct str content_encoding; /* absent or empty: identity */
};

/* Reads all of it into out (emptied first), inflated.  limit bounds both what was sent
 * and what comes out, in bytes; a length over it is refused before a byte is read.
 * Returns 0, or -1: ERROR_TOO_LARGE, ERROR_ENCODING, ERROR_MALFORMED (not of that coding;
 * a length that is no number or not the body's), or what read gave. */
int body_read(const struct body_source *from, size_t limit, struct buf *out,
              struct error *e) MUST_CHECK;

/* Reads all of it and gives it to the sink as it comes, inflated; sent_max bounds what is
 * sent, sink->limit what comes out.  A body that says gzip and begins with '{' was
 * inflated on its way by somebody who left the header: it is taken as it is.  Returns as
 * body_read(), or -1 with what the sink gave. */
int body_stream(const struct body_source *from, size_t sent_max,
                struct inflate_sink *sink, struct error *e) MUST_CHECK;

/* Was no length announced? */
bool body_is_unannounced(const struct body_source *from) MUST_CHECK;

/* Sets ERROR_TOO_LARGE with its text.  Returns -1. */
int body_too_large(size_t limit, struct error *e);

#endif
