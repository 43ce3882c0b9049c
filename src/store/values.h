/*
 * values: what stands in a result of PostgreSQL's.
 */
#ifndef MESHER_STORE_VALUES_H
#define MESHER_STORE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"
#include "store/libpq.h"

/* Read a binary result: what must be there is there (CHECK), so the statement's types
 * decide. */
int64_t db_get_int8(const PGresult *r, int row, int column) MUST_CHECK;
int32_t db_get_int4(const PGresult *r, int row, int column) MUST_CHECK;
bool db_get_bool(const PGresult *r, int row, int column) MUST_CHECK;

/* A text or bytea value as a view, absent for NULL; also for text format. */
struct str db_get_str(const PGresult *r, int row, int column) MUST_CHECK;

#endif
