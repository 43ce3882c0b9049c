/*
 * repair: converts texts that are almost JSON to JSON.
 *
 * For the Sentry endpoints only (sentry-protocol 4 and 6.7): a byte that is not UTF-8
 * becomes U+FFFD; the bare words NaN, Infinity and -Infinity, which old Python clients
 * write, become null.  The stored text is not changed.
 */
#ifndef MESHER_JSON_REPAIR_H
#define MESHER_JSON_REPAIR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Sets the result to text itself when there is nothing to repair, else to a repaired copy
 * from the arena; words: repair the bare words too.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int repair_text(struct arena *a, struct str text, bool words, struct str *out,
                struct error *e) MUST_CHECK;

#endif
