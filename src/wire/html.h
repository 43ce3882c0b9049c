/*
 * html: escapes text for HTML pages.
 */
#ifndef MESHER_WIRE_HTML_H
#define MESHER_WIRE_HTML_H

#include "base/buf.h"
#include "base/compat.h"

/* Appends text so that it is shown literally, between tags and in a quoted attribute: no
 * byte of it acts as markup, and control bytes become spaces. */
void html_text(struct buf *out, const char *text);

#endif
