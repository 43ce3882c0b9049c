/*
 * arrays: statement parameters as one-dimensional PostgreSQL arrays in binary format.
 *
 * An element is added as a 4-byte length and its value, the form that it already has in
 * wire/row.h.  Format: array_recv() in PostgreSQL's src/backend/utils/adt/arrayfuncs.c.
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

/* Creates count empty arrays (at most ARRAYS_MAX) with these element types. */
void arrays_init(struct arrays *a, const uint32_t *oids, size_t count);

/* Frees the arrays' memory. */
void arrays_release(struct arrays *a);

/* Empties all arrays; keeps a little memory. */
void arrays_clear(struct arrays *a);

/* Appends an element, length included, to array i. */
void arrays_add(struct arrays *a, size_t i, struct str element);

/* Appends a bigint to array i. */
void arrays_add_int8(struct arrays *a, size_t i, int64_t v);

/* Sets params to the first count arrays, valid until the next change.  Returns 0, or
 * -1 with ERROR_UNAVAILABLE when memory ran out while the arrays were filled: a
 * statement would take an absent array for an empty one. */
int arrays_params(struct arrays *a, struct db_param *params, size_t count,
                  struct error *e) MUST_CHECK;

#endif
