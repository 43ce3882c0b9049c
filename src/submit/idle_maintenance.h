/*
 * chores: a bounded bit of what a ticker does, for hosts where nothing may stay running
 * and nobody set up cron.
 *
 * Done after an answer has been sent.  Whether it is due is a look at the time of a file,
 * `maintained` in the spool's directory, which `mesherctl maintenance` renews as well: as
 * long as that runs, nothing is due here.  One process at a time (a lock on the file),
 * for CHORES_MS, in small steps; what is not reached waits for the next time, and each
 * time begins with another step.
 */
#ifndef MESHER_INGEST_CHORES_H
#define MESHER_INGEST_CHORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "outage/fallback.h"
#include "store/batch.h"
#include "store/db.h"

/* How long they may take; a step that has begun is finished. */
#define CHORES_MS 200

/* They are due after maintenance_interval and so much more, for a ticker that is late;
 * and while something waits in the spool that no drainer.h is for, after this. */
#define CHORES_LATE_MS 60000
#define CHORES_SPOOL_MS 5000

struct chores_settings {
    const char *spool_dir;    /* kept; "": no chores */
    int64_t interval_ms;      /* of maintenance; 0: no chores */
    int64_t partitions_ahead; /* days */
};

/* Is something due?  Touches no database. */
bool chores_are_due(const struct chores_settings *c, struct fallback *f) MUST_CHECK;

/* Does what is due, unless another process does.  What fails is logged. */
void chores_run(const struct chores_settings *c, struct fallback *f, struct batch *b,
                struct db *d);

/* Says that it was all done just now.  Returns 0, or -1 with ERROR_SYSTEM. */
int chores_done(const char *spool_dir, struct error *e) MUST_CHECK;

#endif
