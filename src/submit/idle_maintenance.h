/*
 * idle_maintenance: a bounded part of the ticker's work, for hosts where no process may
 * stay running and cron is not set up.
 *
 * It runs after an answer has been sent.  The age of the file `maintained` in the spool's
 * directory decides whether it is due; `mesherctl maintenance` renews that file too, so
 * nothing is due here if that runs regularly.  One process at a time (a lock on the file)
 * works for IDLE_MAINTENANCE_MS in small steps; the rest waits for the next run, and each
 * run begins with a different step.
 */
#ifndef MESHER_SUBMIT_IDLE_MAINTENANCE_H
#define MESHER_SUBMIT_IDLE_MAINTENANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "outage/fallback.h"
#include "store/batch.h"
#include "store/db.h"

/* Time limit of a run; a step that has begun is finished. */
#define IDLE_MAINTENANCE_MS 200

/* A run is due maintenance_interval plus this time after the last one, which allows for a
 * late ticker; while the spool holds files that replay_after.h does not handle, it is due
 * after this time alone. */
#define IDLE_MAINTENANCE_LATE_MS 60000
#define IDLE_MAINTENANCE_SPOOL_MS 5000

struct idle_maintenance_settings {
    const char *spool_dir;    /* kept; "": none */
    int64_t interval_ms;      /* of maintenance; 0: none */
    int64_t partitions_ahead; /* days */
};

/* Returns whether a run is due.  Does not use the database. */
bool idle_maintenance_is_due(const struct idle_maintenance_settings *c,
                             struct fallback *f) MUST_CHECK;

/* Runs the work that is due, unless another process does.  Failures are logged. */
void idle_maintenance_run(const struct idle_maintenance_settings *c, struct fallback *f,
                          struct batch *b, struct db *d);

/* Records that all of it was done just now.  Returns 0, or -1 with ERROR_SYSTEM. */
int idle_maintenance_done(const char *spool_dir, struct error *e) MUST_CHECK;

#endif
