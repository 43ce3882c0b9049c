#include "admin/lifecycle.h"

#include "admin/transaction.h"
#include "base/utf8.h"

/* After "changed", which says whether the issue is there: tells it when it did. */
#define TELL(kind, detail)                                                              \
    ", told AS (INSERT INTO issue_activity (project_id, issue_id, at, kind, actor,"     \
    "  detail) SELECT $1::bigint, $2::bigint, clock_timestamp(), '" kind                \
    "', $3, " detail "  FROM changed) SELECT FROM issues WHERE project_id = $1::bigint" \
    "  AND id = $2::bigint"

static int
check_chars(const char *what, const char *text, size_t min, size_t max, struct error *e)
{
    struct str s = str_of(text);
    size_t chars;

    if (text == NULL)
        return 0;
    if (!utf8_valid(s, NULL))
        return error_set(e, ERROR_MALFORMED, "%s is not UTF-8", what);
    chars = utf8_count(s);
    if (chars >= min && chars <= max)
        return 0;
    return error_set(e, ERROR_MALFORMED, "%s must have %zu to %zu characters", what, min,
                     max);
}

/* Runs a statement whose parameters begin with project, issue, actor. */
static int
change(const struct lifecycle *l, const char *sql, const char *first, const char *second,
       struct error *e)
{
    const char *const params[] = {l->issue->project, l->issue->id, l->actor, first,
                                  second};
    int64_t rows;

    if (check_chars("a name", l->actor, 1, LIFECYCLE_NAME_CHARS, e) != 0 ||
        transaction_do(l->db, sql, params, COUNT_OF(params), &rows, e) != 0)
        return -1;
    if (rows > 0)
        return 0;
    return error_set(e, ERROR_NOT_FOUND, "no such issue: %s", l->issue->name);
}

int
lifecycle_resolve(const struct lifecycle *l, const char *release, struct error *e)
{
    if (check_chars("a release", release, 0, LIFECYCLE_NAME_CHARS, e) != 0)
        return -1;
    return change(l,
                  "WITH changed AS (UPDATE issues SET status = 'resolved',"
                  "  resolved_at = clock_timestamp(), resolved_in = $4,"
                  "  ignored_until = NULL, ignored_until_count = NULL"
                  "  WHERE project_id = $1::bigint AND id = $2::bigint"
                  "  AND (status <> 'resolved' OR resolved_in IS DISTINCT FROM $4)"
                  "  AND $5::text IS NULL RETURNING 1)" TELL("resolved", "$4"),
                  release, NULL, e);
}

int
lifecycle_reopen(const struct lifecycle *l, struct error *e)
{
    return change(l,
                  "WITH changed AS (UPDATE issues SET status = 'unresolved',"
                  "  resolved_at = NULL, resolved_in = NULL, ignored_until = NULL,"
                  "  ignored_until_count = NULL"
                  "  WHERE project_id = $1::bigint AND id = $2::bigint"
                  "  AND status <> 'unresolved' AND $4::text IS NULL"
                  "  AND $5::text IS NULL RETURNING 1)" TELL("reopened", "NULL"),
                  NULL, NULL, e);
}

int
lifecycle_ignore(const struct lifecycle *l, const char *until, const char *count,
                 struct error *e)
{
    return change(l,
                  "WITH changed AS (UPDATE issues SET status = 'ignored',"
                  "  resolved_at = NULL, resolved_in = NULL,"
                  "  ignored_until = $4::timestamptz,"
                  "  ignored_until_count = event_count + $5::bigint"
                  "  WHERE project_id = $1::bigint AND id = $2::bigint"
                  "  AND (status <> 'ignored'"
                  "   OR ignored_until IS DISTINCT FROM $4::timestamptz"
                  "   OR ignored_until_count IS DISTINCT FROM event_count + $5::bigint)"
                  "  RETURNING 1)" TELL("ignored",
                                        "nullif(concat_ws(', ', 'until '"
                                        " || to_char($4::timestamptz AT TIME ZONE 'UTC',"
                                        " 'YYYY-MM-DD HH24:MI:SS UTC'),"
                                        " $5::text || ' more events'), '')"),
                  until, count, e);
}

int
lifecycle_assign(const struct lifecycle *l, const char *name, struct error *e)
{
    if (check_chars("a name", name, 1, LIFECYCLE_NAME_CHARS, e) != 0)
        return -1;
    return change(l,
                  "WITH changed AS (UPDATE issues SET assignee = $4"
                  "  WHERE project_id = $1::bigint AND id = $2::bigint"
                  "  AND assignee IS DISTINCT FROM $4 AND $5::text IS NULL"
                  "  RETURNING 1)" TELL("assigned", "$4"),
                  name, NULL, e);
}

int
lifecycle_note(const struct lifecycle *l, const char *text, struct error *e)
{
    if (check_chars("a note", text, 1, LIFECYCLE_NOTE_CHARS, e) != 0)
        return -1;
    return change(l,
                  "WITH changed AS (SELECT 1 FROM issues"
                  "  WHERE project_id = $1::bigint AND id = $2::bigint"
                  "  AND $5::text IS NULL FOR UPDATE)" TELL("note", "$4"),
                  text, NULL, e);
}
