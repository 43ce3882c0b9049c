/*
 * migrate: applies numbered SQL files, forward only, each once and in a separate
 * transaction.
 *
 * The files are NNNN-name.sql in one directory, numbered from 1 without gaps.  Each
 * applied migration is recorded with the checksum (xxhash128) of its file.  A file that
 * was changed after it was applied is an error, and so is a database with more
 * migrations than there are files.
 */
#ifndef MESHER_STORE_MIGRATE_H
#define MESHER_STORE_MIGRATE_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

#define MIGRATE_MAX 1000U

struct migrate_result {
    int schema;               /* the resulting version */
    int count;                /* of migrations that this run has applied */
    int applied[MIGRATE_MAX]; /* their numbers */
};

/* Applies the missing migrations.  Concurrent runs are safe, and may share them.  Returns
 * 0, or -1: ERROR_CONFIG when the directory, a checksum or the database does not match,
 * otherwise as db_run().
 * Refuses a database whose encoding is not UTF8, and one whose tables are in a schema
 * that search_path does not lead to: it would get a second, empty set. */
int migrate_run(struct db *d, const char *sql_dir, struct migrate_result *out,
                struct error *e) MUST_CHECK;

/* Checks that the database is at the version of the files.  Returns 0, or -1:
 * ERROR_CONFIG when it is not. */
int migrate_check(struct db *d, const char *sql_dir, struct error *e) MUST_CHECK;

/* How the database compares with the files. */
enum migrate_state {
    MIGRATE_CURRENT,
    MIGRATE_NONE,      /* no migration was ever applied */
    MIGRATE_OLDER,     /* mesherctl migrate has migrations to apply */
    MIGRATE_ELSEWHERE, /* the tables are in a schema that search_path does not lead to */
    MIGRATE_NEWER,     /* the database has a later version than the files */
    MIGRATE_CHANGED    /* a file differs from the applied one; e says which */
};

/* Where the tables are when the role's search_path does not lead to them; schema is ""
 * when it does, or when there are none. */
struct migrate_place {
    char schema[64], search_path[128];
};

/* Finds that out.  Returns 0, or -1 as db_run(). */
int migrate_find(struct db *d, struct migrate_place *out, struct error *e) MUST_CHECK;

/* Inspects the database without changing it.  Sets *state and both versions.  Returns
 * 0, or -1: ERROR_CONFIG for the directory, otherwise as db_run(). */
int migrate_look(struct db *d, const char *sql_dir, enum migrate_state *state,
                 int *schema, int *wanted, struct error *e) MUST_CHECK;

#endif
