/*
 * table: rows for people and programs: what a list command shows.
 */
#ifndef MESHER_STORE_TABLE_H
#define MESHER_STORE_TABLE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/db.h"

/* SQL for a timestamptz as lists show it: RFC 3339, UTC. */
#define TABLE_TIME(column) \
    "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

enum table_kind {
    TABLE_TEXT,
    TABLE_NUMBER,
    TABLE_JSON /* JSON text as it is */
};

struct table_column {
    const char *name;
    enum table_kind kind;
};

struct table {
    const struct table_column *columns;
    size_t column_count, row_count;
    void *result; /* libpq's; NULL: empty */
};

/* Runs one command with parameters, as db_run_params(), and sets all of *out but its
 * columns.  Returns 0 with rows for table_release(), or -1 with out->result as it was. */
int table_run(struct db *d, const char *sql, const char *const params[], size_t count,
              struct table *out, struct error *e) MUST_CHECK;

/* Frees the rows; a zeroed table is allowed. */
void table_release(struct table *t);

/* A value, absent for NULL; good until table_release(). */
struct str table_value(const struct table *t, size_t row, size_t column) MUST_CHECK;

/* Appends what a bytea there holds; absent as an empty one. */
void table_bytes(const struct table *t, size_t row, size_t column, struct buf *out);

#endif
