/*
 * table: rows for people and programs: what a list command shows.
 */
#ifndef MESHER_STORE_TABLE_H
#define MESHER_STORE_TABLE_H

#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

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

/* Frees the rows; a zeroed table is allowed. */
void table_release(struct table *t);

/* A value, absent for NULL; good until table_release(). */
struct str table_value(const struct table *t, size_t row, size_t column) MUST_CHECK;

#endif
