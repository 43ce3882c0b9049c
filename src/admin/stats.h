/*
 * figures: what became of all that was sent, by day and by minute.
 */
#ifndef MESHER_STORE_FIGURES_H
#define MESHER_STORE_FIGURES_H

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Of the last `days` days (text, 1 or more; the present one included) of a project, or of
 * all with NULL, newest first: project, name, day, accepted, refused, bytes, and
 * outcomes, a JSON object of what was not accepted, by outcome.  Project 0 is what had no
 * good key; days are UTC's.  Returns 0, or -1: ERROR_NOT_FOUND for the project. */
int figures_days(struct db *d, const char *project, const char *days, struct table *out,
                 struct error *e) MUST_CHECK;

enum figures_column {
    FIGURES_PROJECT,
    FIGURES_NAME,
    FIGURES_TOTAL,   /* accepted since yesterday: its growth is the rate of now */
    FIGURES_MINUTE,  /* accepted in the last whole minute */
    FIGURES_HOUR,    /* accepted in the 60 minutes before the present one */
    FIGURES_REFUSED, /* in the last whole minute */
    FIGURES_NEW,     /* issues that were first seen in the last 24 hours */
    FIGURES_OPEN,    /* issues that are unresolved */
    FIGURES_COLUMNS
};

/* One row a project, the busiest first. */
int figures_now(struct db *d, struct table *out, struct error *e) MUST_CHECK;

#endif
