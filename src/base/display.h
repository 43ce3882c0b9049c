/*
 * display: prints untrusted text on a terminal.
 *
 * The output is one line of known width that cannot control the terminal: control
 * characters, invalid UTF-8, marks that change the direction of writing and invisible
 * marks are removed, and a letter keeps only a few combining marks.  Widths are those of
 * the C library.
 */
#ifndef MESHER_BASE_DISPLAY_H
#define MESHER_BASE_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

/* Appends s in at most max columns (SIZE_MAX: all of it); a text that does not fit ends
 * in "…" in the last column.  Control characters become blanks.  Returns the number of
 * columns used. */
size_t display_add(struct buf *out, struct str s, size_t max);

/* Appends s padded with blanks to exactly `columns`; right: blanks go in front. */
void display_cell(struct buf *out, struct str s, size_t columns, bool right);

/* Returns the number of columns that display_add() would use for all of s. */
size_t display_width(struct str s) MUST_CHECK;

/* Takes the next line off *rest and appends it: the text before a line feed, or as much
 * as fits into max columns (at least one character), broken at a blank if there is one.
 * Returns false, with nothing appended, when *rest is empty. */
bool display_line(struct buf *out, struct str *rest, size_t max);

#endif
