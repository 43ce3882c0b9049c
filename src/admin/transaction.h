/*
 * transaction: several statements that take effect together, for mesherctl.
 *
 * Issue rows are locked first and in key order (project, fingerprint), as the writer
 * takes them; whatever belongs to an issue is changed by who has its row.  So nothing can
 * deadlock but with what deletes old events, and then it is run again.
 */
#ifndef MESHER_STORE_TRANSACTION_H
#define MESHER_STORE_TRANSACTION_H

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Tries of one transaction that PostgreSQL ends for a deadlock (40P01) or a conflict
 * (40001). */
#define TRANSACTION_TRIES 10

/* What is done in it: returns 0, or -1 with e, and must be able to run again. */
typedef int transaction_work(struct db *d, void *context, struct error *e);

/* Begins, works, commits; rolls back when the work failed.  Returns 0, or -1 with e. */
int transaction_run(struct db *d, transaction_work *work, void *context,
                    struct error *e) MUST_CHECK;

/* Runs one command without a result; sets the number of rows that it gave or touched
 * where rows is not NULL. */
int transaction_do(struct db *d, const char *sql, const char *const *params, size_t count,
                   int64_t *rows, struct error *e) MUST_CHECK;

/* Waits until every transaction is over that was writing issues when this was called: so
 * that none is left that does not know of what was committed before.  Takes no lock that
 * anybody waits for. */
int transaction_wait_for_writers(struct db *d, struct error *e) MUST_CHECK;

#endif
