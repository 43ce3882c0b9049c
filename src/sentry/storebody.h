/*
 * storebody: decodes the body of a /store/ request (sentry-protocol 4).
 *
 * Plain JSON; or, without any header that says so, zlib or gzip data, or base64 of either
 * or of JSON.
 */
#ifndef MESHER_SENTRY_STOREBODY_H
#define MESHER_SENTRY_STOREBODY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Decodes body, which is overwritten; *out is the result, a view into body or into spare
 * (whose max must be at least limit).  Returns 0, or -1: ERROR_MALFORMED, ERROR_TOO_LARGE
 * when the result has more than limit bytes, ERROR_UNAVAILABLE. */
int storebody_decode(struct buf *body, struct buf *spare, size_t limit, struct str *out,
                     struct error *e) MUST_CHECK;

#endif
