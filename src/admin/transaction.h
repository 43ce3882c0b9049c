/*
 * transaction: runs several statements that take effect together, for mesherctl.
 *
 * Issue rows are locked first and in key order (project, fingerprint), as the writer
 * locks them; only the holder of an issue's row changes the data of that issue.  So a
 * deadlock is possible only with the deletion of old events, and the transaction is then
 * run again.
 */
#ifndef MESHER_ADMIN_TRANSACTION_H
#define MESHER_ADMIN_TRANSACTION_H

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* The number of attempts of a transaction that PostgreSQL ends because of a deadlock
 * (40P01) or a conflict (40001). */
#define TRANSACTION_TRIES 10

/* The work of a transaction.  Returns 0, or -1 with e; must be safe to run again. */
typedef int transaction_work(struct db *d, void *context, struct error *e);

/* Begins a transaction, calls work and commits; rolls back when work fails.  Returns
 * 0, or -1 with e. */
int transaction_run(struct db *d, transaction_work *work, void *context,
                    struct error *e) MUST_CHECK;

/* Runs one command without a result.  If rows is not NULL, sets it to the number of
 * rows that the command returned or changed. */
int transaction_do(struct db *d, const char *sql, const char *const *params, size_t count,
                   int64_t *rows, struct error *e) MUST_CHECK;

/* Waits until all transactions that were writing issues at the time of the call have
 * ended; no writer is then unaware of earlier commits.  Takes no lock that others wait
 * for. */
int transaction_wait_for_writers(struct db *d, struct error *e) MUST_CHECK;

#endif
