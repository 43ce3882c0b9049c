/*
 * quote: texts in the syntax of mesher.conf (libConfuse's).
 */
#ifndef MESHER_SETUP_QUOTE_H
#define MESHER_SETUP_QUOTE_H

#include "base/buf.h"

/* Appends text, NUL-terminated, in quotes, so that parsing it yields the same text. */
void quote_text(struct buf *out, const char *text);

#endif
