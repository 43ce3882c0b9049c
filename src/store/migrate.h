/*
 * migrate: numbered SQL files, forward only, each applied once and in its own
 * transaction.
 *
 * Files are NNNN-name.sql in one directory, numbered from 1 without a gap.  What was
 * applied is recorded with the checksum (xxhash128) of the file: a file that was changed
 * afterwards, or a database with more than the files, is refused.
 */
#ifndef MESHER_STORE_MIGRATE_H
#define MESHER_STORE_MIGRATE_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

#define MIGRATE_MAX 1000U

/* Applies what is missing; several at once do no harm.  Sets *schema to the version
 * afterwards and *applied to how many were applied now (the last ones).  Returns 0, or
 * -1: ERROR_CONFIG for a directory, a checksum or a database that does not fit, else as
 * db_run(). */
int migrate_run(struct db *d, const char *sql_dir, int *schema, int *applied,
                struct error *e) MUST_CHECK;

/* Is the database at the version of the files?  Returns 0, or -1: ERROR_CONFIG when it is
 * not. */
int migrate_check(struct db *d, const char *sql_dir, struct error *e) MUST_CHECK;

/* How the database and the files stand to each other. */
enum migrate_state {
    MIGRATE_CURRENT,
    MIGRATE_NONE,   /* nothing was ever applied */
    MIGRATE_OLDER,  /* mesherctl migrate has something to do */
    MIGRATE_NEWER,  /* the database is of a later version than the files */
    MIGRATE_CHANGED /* a file is not what was applied; e says which */
};

/* Looks, and changes nothing.  Sets *state and both versions.  Returns 0, or -1:
 * ERROR_CONFIG for the directory, else as db_run(). */
int migrate_look(struct db *d, const char *sql_dir, enum migrate_state *state,
                 int *schema, int *wanted, struct error *e) MUST_CHECK;

#endif
