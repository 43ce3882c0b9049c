/*
 * repair: texts that are almost JSON, made JSON.
 *
 * For the Sentry endpoints only (sentry-protocol 4 and 6.7): a byte that is no UTF-8
 * becomes U+FFFD; the bare words NaN, Infinity and -Infinity, which old Python clients
 * write, become null.  The text that is stored stays as it was received.
 */
#ifndef MESHER_EVENT_REPAIR_H
#define MESHER_EVENT_REPAIR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Gives text itself when there is nothing to repair, else a repaired copy from the arena;
 * words: the bare words too.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int repair_text(struct arena *a, struct str text, bool words, struct str *out,
                struct error *e) MUST_CHECK;

#endif
