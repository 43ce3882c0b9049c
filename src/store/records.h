/*
 * records: stores the records of a batch, with one statement for each kind.
 *
 * Each statement is a transaction that ignores records that are already stored, so
 * running it again counts nothing twice.  A record that PostgreSQL refuses is logged,
 * and only that record is lost.
 */
#ifndef MESHER_STORE_RECORDS_H
#define MESHER_STORE_RECORDS_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/batch.h"
#include "store/db.h"

struct records;

/* Allocates the buffers (d is kept).  Returns an object to be freed with
 * records_free(), or NULL (ENOMEM). */
struct records *records_new(struct db *d) MUST_CHECK;

/* Frees r; NULL is allowed. */
void records_free(struct records *r);

/* Stores the items that are admitted records (verdict STORED).  A record that could
 * not be stored becomes UNAVAILABLE, with the reason in e, or POISON. */
void records_run(struct records *r, struct batch_entry *items, size_t count,
                 struct error *e);

#endif
