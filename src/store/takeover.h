/*
 * takeover: issues of an older version of grouping take over the fingerprints that the
 * present one gives their events (store/sql/take_over.sql).
 *
 * Only rows that carry both fingerprints need it: those of projects with such issues.
 */
#ifndef MESHER_STORE_TAKEOVER_H
#define MESHER_STORE_TAKEOVER_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"
#include "store/eventrows.h"

struct takeover;

/* Allocates the buffers.  Returns an object to be freed with takeover_free(), or NULL
 * (ENOMEM). */
struct takeover *takeover_new(struct db *d) MUST_CHECK;

/* Frees t; NULL is allowed. */
void takeover_free(struct takeover *t);

/* Before the entries are stored: gives their issues the new fingerprints.  Does nothing
 * if no entry has two.  Returns 0, or -1 with the errors of db_run(). */
int takeover_begin(struct takeover *t, const struct entry *entries, size_t count,
                   struct error *e) MUST_CHECK;

/* After they are stored: notes in new issues which one they were part of. */
int takeover_end(struct takeover *t, const struct entry *entries, size_t count,
                 struct error *e) MUST_CHECK;

#endif
