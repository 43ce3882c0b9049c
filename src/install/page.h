/*
 * page: the setup page as HTML: one form, no script, nothing from elsewhere.
 */
#ifndef MESHER_INSTALL_PAGE_H
#define MESHER_INSTALL_PAGE_H

#include "base/buf.h"
#include "base/compat.h"
#include "install/install.h"

/* Appends the form with its values and what is wrong with them; the password and the
 * token are never given back.  where: how to find the file with the token. */
void page_form(struct buf *out, const struct install *in, const char *where);

/* Appends what to do with what was set up.  program: the path of this program, for the
 * line of cron; url: where it is reached. */
void page_done(struct buf *out, const struct install_result *made, const char *url,
               const char *program);

/* Appends a page of one paragraph. */
void page_note(struct buf *out, const char *title, const char *text);

#endif
