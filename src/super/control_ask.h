/*
 * control_ask: the other end of control: what mesherctl does.
 */
#ifndef MESHER_SUPER_CONTROL_ASK_H
#define MESHER_SUPER_CONTROL_ASK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"

/* Sends a request to the mesherd of this directory and appends the answer's lines,
 * without the last, to out.  Waits for the answer up to timeout_ms (-1: for ever).
 * Returns 0, or -1 with ERROR_NOT_FOUND when no mesherd runs there, ERROR_FORBIDDEN when
 * it is somebody else's, ERROR_UNAVAILABLE when it refused (detail: why) or did not
 * answer. */
int control_ask(const char *dir, const char *request, int64_t timeout_ms, struct buf *out,
                struct error *e) MUST_CHECK;

#endif
