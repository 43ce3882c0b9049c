/*
 * stats: outcomes of everything that clients sent, by day and by minute.
 */
#ifndef MESHER_ADMIN_STATS_H
#define MESHER_ADMIN_STATS_H

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Lists outcomes of the last `days` days (text, 1 or more; including today) of a
 * project, or of all projects with NULL, newest first: project, name, day, accepted,
 * refused, bytes, and outcomes, a JSON object with the numbers that were not accepted,
 * by outcome.  Project 0 is for requests without a good key; days are in UTC.  Returns
 * 0, or -1: ERROR_NOT_FOUND for the project, otherwise as db_run(). */
int stats_days(struct db *d, const char *project, const char *days, struct table *out,
               struct error *e) MUST_CHECK;

enum stats_column {
    STATS_PROJECT,
    STATS_NAME,
    STATS_TOTAL,   /* accepted since yesterday: its growth gives the current rate */
    STATS_MINUTE,  /* accepted in the last full minute */
    STATS_HOUR,    /* accepted in the 60 minutes before the current one */
    STATS_REFUSED, /* in the last full minute */
    STATS_NEW,     /* issues first seen in the last 24 hours */
    STATS_OPEN,    /* unresolved issues */
    N_STATS_COLUMNS
};

/* One row per project, the busiest first. */
int stats_now(struct db *d, struct table *out, struct error *e) MUST_CHECK;

/* Lists for a project: reason, category, quantity, last_seen; and type, quantity,
 * last_hour. */
int stats_client_reports(struct db *d, const char *project, struct table *out,
                         struct error *e) MUST_CHECK;
int stats_item_counts(struct db *d, const char *project, struct table *out,
                      struct error *e) MUST_CHECK;

#endif
