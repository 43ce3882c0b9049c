/*
 * storebody: what a client means by the body of a /store/ request (sentry-protocol 4).
 *
 * JSON as it is; or, without any header that says so, zlib or gzip data, or base64 of
 * either or of JSON.
 */
#ifndef MESHER_INGEST_STOREBODY_H
#define MESHER_INGEST_STOREBODY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Undoes it: body is overwritten, *out is what it means, a view into body or into spare
 * (whose max must be at least limit). Returns 0, or -1: ERROR_MALFORMED, ERROR_TOO_LARGE
 * when that has more than limit bytes, ERROR_UNAVAILABLE. */
int storebody_decode(struct buf *body, struct buf *spare, size_t limit, struct str *out,
                     struct error *e) MUST_CHECK;

#endif
