/*
 * display: text of anybody's on a terminal.
 *
 * What comes out is one line that can be counted in columns and steers nothing: control
 * characters and bytes that are no UTF-8 are gone, so are the marks that turn the
 * direction of writing or cannot be seen, and only a few marks are left on one letter.
 * Widths are those of the C library.
 */
#ifndef MESHER_BASE_DISPLAY_H
#define MESHER_BASE_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

/* Appends s in at most max columns (SIZE_MAX: all of it); "…" stands in the last one for
 * what did not fit.  A control character is a blank.  Gives the columns that were used.
 */
size_t display_add(struct buf *out, struct str s, size_t max);

/* The same, filled with blanks to exactly `columns`; in front of it when right is set. */
void display_cell(struct buf *out, struct str s, size_t columns, bool right);

/* How many columns display_add() would use for all of s. */
size_t display_width(struct str s) MUST_CHECK;

/* Takes the next line off *rest and appends it: what is before a line feed, or as much as
 * fits into max columns (at least one character), up to a blank where there is one.
 * False, with nothing appended, when *rest is empty. */
bool display_line(struct buf *out, struct str *rest, size_t max);

#endif
