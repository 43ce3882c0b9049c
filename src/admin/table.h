/*
 * table: result rows for people and programs, as list commands show them.
 */
#ifndef MESHER_ADMIN_TABLE_H
#define MESHER_ADMIN_TABLE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/db.h"

enum table_kind {
    TABLE_TEXT,
    TABLE_TIME, /* RFC 3339; people see another format */
    TABLE_NUMBER,
    TABLE_JSON /* JSON text, unchanged */
};

struct table_column {
    const char *name;
    enum table_kind kind;
};

struct table {
    const struct table_column *columns;
    size_t column_count, row_count;
    void *result; /* libpq's result; NULL: empty */
};

/* Runs one command with parameters, as db_run_params(), and sets all of *out except
 * its columns.  Returns 0 with rows to be freed with table_release(), or -1 with
 * out->result unchanged. */
int table_run(struct db *d, const char *sql, const char *const params[], size_t count,
              struct table *out, struct error *e) MUST_CHECK;

/* Frees the rows; a zeroed table is allowed. */
void table_release(struct table *t);

/* Returns a value, absent for NULL; valid until table_release(). */
struct str table_value(const struct table *t, size_t row, size_t column) MUST_CHECK;

/* Appends the bytes of the bytea there; appends nothing when it is absent. */
void table_bytes(const struct table *t, size_t row, size_t column, struct buf *out);

#endif
