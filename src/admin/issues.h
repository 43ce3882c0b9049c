/*
 * browse_issues: lists of issues, and all that is kept of one.
 *
 * No query reads more of events than an index gives.  A page ends with a token, and the
 * next one begins after it: what comes in meanwhile shifts nothing.
 */
#ifndef MESHER_STORE_BROWSE_ISSUES_H
#define MESHER_STORE_BROWSE_ISSUES_H

#include <stdbool.h>

#include "admin/issue_ref.h"
#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

enum browse_sort {
    BROWSE_LAST_SEEN,
    BROWSE_FIRST_SEEN,
    BROWSE_COUNT,
    BROWSE_USERS,
    BROWSE_SORTS /* their number */
};

/* Hours in a sparkline, and bytes of a token with its NUL. */
#define BROWSE_HOURS 24
#define BROWSE_TOKEN_BYTES 64U

/* What is asked for; a NULL is no condition. */
struct browse_issues {
    const char *project; /* number or name */
    const char *status, *level, *environment, *release, *assignee;
    const char *words; /* all of them in the title, in any letter case */
    const char *since; /* seen at or after: RFC 3339 */
    enum browse_sort sort;
    const char *after; /* the token of the last row of the page before */
    const char *limit; /* a number, checked by the caller */
};

enum browse_issue_column {
    BROWSE_ISSUE_ID,
    BROWSE_ISSUE_PROJECT,
    BROWSE_ISSUE_TITLE,
    BROWSE_ISSUE_CULPRIT,
    BROWSE_ISSUE_LEVEL,
    BROWSE_ISSUE_STATUS,
    BROWSE_ISSUE_EVENTS,
    BROWSE_ISSUE_USERS,
    BROWSE_ISSUE_FIRST_SEEN,
    BROWSE_ISSUE_LAST_SEEN,
    BROWSE_ISSUE_FIRST_RELEASE,
    BROWSE_ISSUE_LAST_RELEASE,
    BROWSE_ISSUE_RESOLVED_AT,
    BROWSE_ISSUE_RESOLVED_IN,
    BROWSE_ISSUE_IGNORED_UNTIL,
    BROWSE_ISSUE_IGNORED_UNTIL_COUNT,
    BROWSE_ISSUE_ASSIGNEE,
    BROWSE_ISSUE_FINGERPRINT,
    BROWSE_ISSUE_HOURS, /* a JSON array of BROWSE_HOURS numbers, the present hour last */
    BROWSE_ISSUE_AFTER, /* the token with which a list goes on after it */
    BROWSE_ISSUE_AGE,   /* seconds since it was last seen, and since it was first */
    BROWSE_ISSUE_OLD,
    BROWSE_ISSUE_COLUMNS
};

/* The columns that JSON shows. */
#define BROWSE_ISSUE_SHOWN BROWSE_ISSUE_AGE

/* last_seen, first_seen, count, users; BROWSE_SORTS for another word. */
enum browse_sort browse_sort_parse(const char *word) MUST_CHECK;

/* A page of issues.  Returns 0, or -1: ERROR_NOT_FOUND for the project, ERROR_MALFORMED
 * for a token that is none, or of another order. */
int browse_issues(struct db *d, const struct browse_issues *ask, struct table *out,
                  struct error *e) MUST_CHECK;

/* One issue, one row of the same columns. */
int browse_issue(struct db *d, const struct issue_ref *issue, struct table *out,
                 struct error *e) MUST_CHECK;

/* Its activity, oldest first: at, kind, actor, detail. */
int browse_activity(struct db *d, const struct issue_ref *issue, struct table *out,
                    struct error *e) MUST_CHECK;

/* Its last `events` events' tags: tag, value, events; the most frequent values first, at
 * most 5 of a tag. */
int browse_tags(struct db *d, const struct issue_ref *issue, const char *events,
                struct table *out, struct error *e) MUST_CHECK;

/* What was merged into it: fingerprint, merged_at. */
int browse_merges(struct db *d, const struct issue_ref *issue, struct table *out,
                  struct error *e) MUST_CHECK;

#endif
