/*
 * page: the setup page as HTML: one form, no script, no external resources.
 */
#ifndef MESHER_INSTALL_PAGE_H
#define MESHER_INSTALL_PAGE_H

#include "base/buf.h"
#include "base/compat.h"
#include "install/install.h"

/* Appends the form with its values and errors; never shows the password or the token.
 * where: how to find the file with the token. */
void page_form(struct buf *out, const struct install *in, const char *where);

/* Appends the instructions after the setup.  program: the path of this program, for the
 * crontab line; url: its address. */
void page_done(struct buf *out, const struct install_result *made, const char *url,
               const char *program);

/* Appends a page of one paragraph. */
void page_note(struct buf *out, const char *title, const char *text);

#endif
