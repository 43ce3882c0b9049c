/*
 * monitors: monitors and their check-ins, for the administrator.
 *
 * A project is given by number or name, a monitor by its slug.  Every function returns 0,
 * or -1: ERROR_NOT_FOUND, otherwise as db_run().
 */
#ifndef MESHER_ADMIN_MONITORS_H
#define MESHER_ADMIN_MONITORS_H

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Lists the monitors of a project: monitor, environment, state, schedule,
 * last_checkin_at, expected_at. */
int monitors_list(struct db *d, const char *project, struct table *out,
                  struct error *e) MUST_CHECK;

struct monitors_one {
    struct table monitor;      /* one row: its configuration */
    struct table environments; /* environment, state, failing, last_checkin_at,
                                  expected_at, problem */
    struct table checkins;     /* id, environment, status, started_at, duration, event;
                                  newest first */
};

/* Reads one with its newest check-ins, at most limit; to be released with
 * monitors_release(). */
int monitors_read(struct db *d, const char *project, const char *slug, const char *limit,
                  struct monitors_one *out, struct error *e) MUST_CHECK;
void monitors_release(struct monitors_one *m);

/* Deletes one with its check-ins. */
int monitors_delete(struct db *d, const char *project, const char *slug,
                    struct error *e) MUST_CHECK;

#endif
