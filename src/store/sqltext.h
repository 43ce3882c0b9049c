/*
 * sqltext: fills in the variables of a statement that src/embed-sql left open.
 *
 * Values are constants of the program or names that it generated, never data from a
 * client: client data goes into parameters.
 */
#ifndef MESHER_STORE_SQLTEXT_H
#define MESHER_STORE_SQLTEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"

struct sqltext {
    const char *name, *value;
};

/* Writes text to out, with a value for each :name, and a terminating NUL; :'name'
 * becomes the value as a literal (a value with a quote is a bug in the program).
 * Variables without a value are left as they are.  The caller releases out with
 * buf_release(); out->failed means that memory ran out. */
void sqltext_fill(const char *text, const struct sqltext *values, size_t count,
                  struct buf *out);

#endif
