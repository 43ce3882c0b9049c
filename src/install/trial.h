/*
 * trial: checks that a database is suitable.
 *
 * A connection error of PostgreSQL is assigned to the form field that must be changed.
 */
#ifndef MESHER_INSTALL_TRIAL_H
#define MESHER_INSTALL_TRIAL_H

#include "base/compat.h"
#include "install/install.h"
#include "store/db.h"

/* Returns a handle for the setup; keeps conninfo.  NULL: out of memory. */
struct db *trial_open(const char *conninfo) MUST_CHECK;

/* Connects, and checks the version and the right to create tables.  Returns 0, or -1 with
 * the reason in in->wrong or in->failed. */
int trial_run(struct db *d, struct install *in) MUST_CHECK;

/* Assigns a failed connection to a field, by the SQLSTATE with which the server refused
 * it ("": none) and libpq's message. */
void trial_explain(struct install *in, const char *sqlstate, const char *words);

#endif
