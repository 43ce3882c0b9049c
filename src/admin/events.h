/*
 * events: stored events, for the administrator.
 */
#ifndef MESHER_ADMIN_EVENTS_H
#define MESHER_ADMIN_EVENTS_H

#include <stddef.h>

#include "admin/table.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"
#include "wire/event_columns.h"

/* Lists the events of a project (number or name), newest first, at most limit (text,
 * checked by the caller), with the columns in the order of the manual.  issue: NULL,
 * or "SLUG-N" or "N".  Returns 0, or -1: ERROR_NOT_FOUND for the project or the issue,
 * otherwise as db_run(). */
int events_list(struct db *d, const char *project, const char *issue, const char *limit,
                struct table *out, struct error *e) MUST_CHECK;

/* Finds the event with this id (the text of a UUID); project NULL: in any project.
 * Returns 0, or -1: ERROR_MALFORMED for a text that is not a UUID, ERROR_NOT_FOUND,
 * and ERROR_POISON when several projects have the event (the text names them). */
int events_one(struct db *d, const char *id, const char *project, struct table *out,
               struct error *e) MUST_CHECK;

/* Finds the latest event of an issue (numbers as texts), with the same columns.  The
 * table is empty when all events of the issue are already deleted. */
int events_latest(struct db *d, const char *project_id, const char *issue_id,
                  struct table *out, struct error *e) MUST_CHECK;

/* Appends the payload of row 0 of events_one(), exactly as it was stored.  Returns 0,
 * or -1 with ERROR_SYSTEM when it is damaged. */
int events_payload(const struct table *t, struct buf *out, struct error *e) MUST_CHECK;

/* A page of a project's events (its number; times in RFC 3339, all as texts). */
struct events_page {
    const char *project;
    const char *before, *before_id; /* NULL: from the newest event on */
    const char *since;              /* NULL: all */
    const char *limit;
};

enum events_page_column {
    EVENTS_PAGE_ID,
    EVENTS_PAGE_TIME, /* of receipt */
    EVENTS_PAGE_ISSUE,
    EVENTS_PAGE_FINGERPRINT, /* as stored, hexadecimal; or absent */
    EVENTS_PAGE_MESSAGE,
    EVENTS_PAGE_PACKED
};

/* Reads a page, newest first.  Returns 0, or -1 as db_run(). */
int events_page(struct db *d, const struct events_page *page, struct table *out,
                struct error *e) MUST_CHECK;

/* Appends the payload of a row of it, as events_payload(). */
int events_page_payload(const struct table *t, size_t row, struct buf *out,
                        struct error *e) MUST_CHECK;

/* The columns of these tables: those that are shown, in the order of
 * wire/event_columns.h, with project and issue after the id.  For a single event, the
 * payload and the fingerprint that it was stored with (hexadecimal, or absent)
 * follow. */
#define EVENTS_UUID(NAME) EVENTS_##NAME, EVENTS_PROJECT, EVENTS_ISSUE,
#define EVENTS_TIME(NAME) EVENTS_##NAME,
#define EVENTS_TEXT(NAME) EVENTS_##NAME,
#define EVENTS_OBJECT(NAME) EVENTS_##NAME,
#define EVENTS_LIST(NAME) EVENTS_##NAME,
#define EVENTS_PAYLOAD(NAME)
#define EVENTS_BYTES(NAME)
#define EVENTS_COLUMN(number, NAME, column, kind, ...) EVENTS_##kind(NAME)

enum events_column {
    EVENT_COLUMNS(EVENTS_COLUMN) N_EVENTS_COLUMNS,
    EVENTS_PACKED = N_EVENTS_COLUMNS,
    EVENTS_STORED_FINGERPRINT
};

#endif
