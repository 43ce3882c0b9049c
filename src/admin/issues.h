/*
 * issues: lists of issues, and all data stored about one issue.
 *
 * No query reads more events than an index selects.  A page ends with a token, and the
 * next page begins after it, so new events do not shift the pages.
 */
#ifndef MESHER_ADMIN_ISSUES_H
#define MESHER_ADMIN_ISSUES_H

#include <stdbool.h>

#include "admin/issue_ref.h"
#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

enum issues_sort {
    ISSUES_BY_LAST_SEEN,
    ISSUES_BY_FIRST_SEEN,
    ISSUES_BY_COUNT,
    ISSUES_BY_USERS,
    N_ISSUES_SORTS /* the number of sort orders */
};

/* Hours in a sparkline, and bytes of a token including its NUL. */
#define ISSUES_TREND_HOURS 24
#define ISSUES_TREND_TOKEN_BYTES 64U

/* The conditions of a query; NULL means no condition. */
struct issues_query {
    const char *project; /* number or name */
    const char *status, *level, *environment, *release, *assignee;
    const char *words; /* words that title or text must all contain, in any letter case */
    const char *since; /* last seen at or after this time (RFC 3339) */
    enum issues_sort sort;
    const char *after; /* the token of the last row of the previous page */
    const char *limit; /* a number, checked by the caller */
};

enum issues_column {
    ISSUES_ID,
    ISSUES_PROJECT,
    ISSUES_TITLE,
    ISSUES_CULPRIT,
    ISSUES_LEVEL,
    ISSUES_STATUS,
    ISSUES_EVENTS,
    ISSUES_USERS,
    ISSUES_FIRST_SEEN,
    ISSUES_LAST_SEEN,
    ISSUES_FIRST_RELEASE,
    ISSUES_LAST_RELEASE,
    ISSUES_RESOLVED_AT,
    ISSUES_RESOLVED_IN,
    ISSUES_IGNORED_UNTIL,
    ISSUES_IGNORED_UNTIL_COUNT,
    ISSUES_ASSIGNEE,
    ISSUES_FINGERPRINT,
    ISSUES_HOURS, /* a JSON array of ISSUES_TREND_HOURS numbers, the present hour last */
    ISSUES_AFTER, /* the token that continues the list after this issue */
    ISSUES_AGE,   /* seconds since the issue was last seen, and since it was first seen */
    ISSUES_OLD,
    N_ISSUES_COLUMNS
};

/* The number of columns that JSON output shows. */
#define ISSUES_SHOWN ISSUES_AGE

/* Parses last_seen, first_seen, count or users; returns N_ISSUES_SORTS for any other
 * word. */
enum issues_sort issues_sort_parse(const char *word) MUST_CHECK;

/* Reads a page of issues.  Returns 0, or -1: ERROR_NOT_FOUND for the project,
 * ERROR_MALFORMED for a token that is invalid or belongs to another order, otherwise
 * as db_run(). */
int issues_list(struct db *d, const struct issues_query *ask, struct table *out,
                struct error *e) MUST_CHECK;

/* Reads one issue, as one row of the same columns. */
int issues_one(struct db *d, const struct issue_ref *issue, struct table *out,
               struct error *e) MUST_CHECK;

/* Lists the activity of an issue, oldest first: at, kind, actor, detail. */
int issues_activity(struct db *d, const struct issue_ref *issue, struct table *out,
                    struct error *e) MUST_CHECK;

/* Counts the tags of its latest `events` events: tag, value, events; the most frequent
 * values first, at most 5 per tag. */
int issues_tags(struct db *d, const struct issue_ref *issue, const char *events,
                struct table *out, struct error *e) MUST_CHECK;

/* Lists the fingerprints merged into it: fingerprint, merged_at. */
int issues_merges(struct db *d, const struct issue_ref *issue, struct table *out,
                  struct error *e) MUST_CHECK;

#endif
