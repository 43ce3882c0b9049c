/*
 * browse: stored events, for the administrator.
 */
#ifndef MESHER_STORE_BROWSE_H
#define MESHER_STORE_BROWSE_H

#include <stddef.h>

#include "admin/table.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Events of a project (number or name), newest first, at most limit (text, checked by the
 * caller): the columns of an event in the order of the manual.  issue: NULL, or "SLUG-N"
 * or "N".  Returns 0, or -1: ERROR_NOT_FOUND for the project or the issue, else as
 * db_run(). */
int browse_events(struct db *d, const char *project, const char *issue, const char *limit,
                  struct table *out, struct error *e) MUST_CHECK;

/* The event with this id (text of a UUID); project NULL: wherever it is.  Returns 0, or
 * -1: ERROR_MALFORMED for a text that is no UUID, ERROR_NOT_FOUND, and ERROR_POISON when
 * it stands in several projects (the text names them). */
int browse_event(struct db *d, const char *id, const char *project, struct table *out,
                 struct error *e) MUST_CHECK;

/* The latest event of an issue (numbers as texts), in the same columns; an empty table
 * when all of them are gone already. */
int browse_latest(struct db *d, const char *project_id, const char *issue_id,
                  struct table *out, struct error *e) MUST_CHECK;

/* Appends the payload of row 0 of browse_event(), byte for byte as the client sent it.
 * Returns 0, or -1 with ERROR_SYSTEM when it is damaged. */
int browse_payload(const struct table *t, struct buf *out, struct error *e) MUST_CHECK;

/* Columns of these tables that are for showing; in those of one event the payload follows
 * and the fingerprint that it was stored with, in hexadecimal, or absent. */
#define BROWSE_COLUMNS 19U
#define BROWSE_FINGERPRINT (BROWSE_COLUMNS + 1)

#endif
