/*
 * records: the records of a batch, stored with one statement for each kind.
 *
 * Each statement is a transaction, in which records that are known already do nothing: so
 * running it again counts nothing twice.  A record that PostgreSQL refuses is logged and
 * is the only one that is lost.
 */
#ifndef MESHER_STORE_RECORDS_H
#define MESHER_STORE_RECORDS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/batch.h"
#include "store/db.h"

struct records;

/* Makes the buffers (d is kept).  Gives it for records_free(), or NULL (ENOMEM). */
struct records *records_new(struct db *d) MUST_CHECK;

/* Frees r; NULL is allowed. */
void records_free(struct records *r);

/* Stores those items that are records and were admitted (verdict STORED); one that could
 * not be stored becomes UNAVAILABLE, with the reason in e, or POISON. */
void records_run(struct records *r, struct batch_item *items, size_t count,
                 struct error *e);

#endif
