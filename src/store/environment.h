/*
 * environment: which of libpq's variables (PGHOST, PGPORT …) count.
 *
 * A shell has them for psql and some other database.  A connection string that is not
 * empty says where the database is, so the variables that would lead elsewhere, or would
 * change the session, are removed from this process's environment.  Those that say who we
 * are (user, password, certificates) count where the string says nothing.  With an empty
 * string, all of them count.
 */
#ifndef MESHER_STORE_ENVIRONMENT_H
#define MESHER_STORE_ENVIRONMENT_H

#include <stddef.h>

#include "base/compat.h"

/* Removes the variables that do not count; libpq reads the environment at each connect.
 */
void environment_settle(const char *conninfo);

/* The maximum number of variables that count. */
#define ENVIRONMENT_MAX 48U

/* Finds the variables that are set and count: their names.  Returns their number.  libpq
 * must be loaded. */
size_t environment_taken(const char *conninfo,
                         const char *names[ENVIRONMENT_MAX]) MUST_CHECK;

#endif
