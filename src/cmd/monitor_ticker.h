/*
 * monitor_ticker: what `mesherctl maintenance` does for monitors: evaluates those that
 * are due (admin/evaluate.h), and stores an event for each failure that is to be
 * reported.
 *
 * Events take the way of all others: through the writer, else directly, within the limits
 * of their project; an event that a limit refuses is tried again.  They do not go to the
 * spool: without the database there is nothing to report.
 */
#ifndef MESHER_CMD_MONITOR_TICKER_H
#define MESHER_CMD_MONITOR_TICKER_H

#include "base/compat.h"
#include "base/error.h"
#include "setup/conf.h"
#include "store/db.h"

/* How often the ticker looks. */
#define MONITOR_TICKER_MS 10000

struct monitor_ticker;

/* Creates one; keeps conf.  Returns an object to be freed with monitor_ticker_free(), or
 * NULL (ENOMEM). */
struct monitor_ticker *monitor_ticker_new(const struct conf *conf) MUST_CHECK;

/* Frees t, which may be NULL. */
void monitor_ticker_free(struct monitor_ticker *t);

/* Does what is due now, a bounded amount at once.  Returns 0, or -1 as db_run(). */
int monitor_ticker_run(struct monitor_ticker *t, struct db *d,
                       struct error *e) MUST_CHECK;

#endif
