/*
 * trial: does this database do?
 *
 * What PostgreSQL says to a connection is laid to the field that is to be changed.
 */
#ifndef MESHER_INSTALL_TRIAL_H
#define MESHER_INSTALL_TRIAL_H

#include "base/compat.h"
#include "install/install.h"
#include "store/db.h"

/* A handle for the setting up; conninfo is kept.  NULL: out of memory. */
struct db *trial_open(const char *conninfo) MUST_CHECK;

/* Connects, and looks at the version and at the right to make tables.  Returns 0, or -1:
 * then in->wrong or in->failed says why. */
int trial_run(struct db *d, struct install *in) MUST_CHECK;

/* Lays a failed connect to a field: the SQLSTATE that the server refused it with ("": it
 * said nothing) and libpq's words. */
void trial_explain(struct install *in, const char *sqlstate, const char *words);

#endif
