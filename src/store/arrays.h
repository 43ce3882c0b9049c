/*
 * arrays: parameters of a statement as one-dimensional PostgreSQL arrays in binary
 * format.
 *
 * An element is added as its 4 bytes of length and its value, the form in which
 * wire/row.h has it already.  Format: array_recv() in PostgreSQL's
 * src/backend/utils/adt/arrayfuncs.c.
 */
#ifndef MESHER_STORE_ARRAYS_H
#define MESHER_STORE_ARRAYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/db.h"

/* Element types, by OID (pg_type.dat; they never change). */
#define ARRAYS_BYTEA 17U
#define ARRAYS_INT8 20U
#define ARRAYS_INT4 23U
#define ARRAYS_TEXT 25U
#define ARRAYS_TIME 1184U
#define ARRAYS_UUID 2950U
#define ARRAYS_JSON 3802U

#define ARRAYS_MAX 32U

struct arrays {
    size_t count;

    struct {
        struct buf bytes;
        uint32_t oid, elements;
    } array[ARRAYS_MAX];
};

/* Makes count empty arrays (at most ARRAYS_MAX) of these element types. */
void arrays_init(struct arrays *a, const uint32_t *oids, size_t count);

/* Frees their memory. */
void arrays_release(struct arrays *a);

/* Makes all empty; keeps a little memory. */
void arrays_clear(struct arrays *a);

/* Appends an element, length included, to array i. */
void arrays_add(struct arrays *a, size_t i, struct str element);

/* Appends a bigint to array i. */
void arrays_add_int8(struct arrays *a, size_t i, int64_t v);

/* The first count arrays as the parameters of a statement, good until the next change.
 * Returns 0, or -1 with ERROR_UNAVAILABLE when memory ran out while they were filled: to
 * a statement an absent array would say that there is nothing. */
int arrays_params(struct arrays *a, struct db_param *params, size_t count,
                  struct error *e) MUST_CHECK;

#endif
