#include "admin/issues.h"

#include <stdio.h>
#include <string.h>

#include "admin/users.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"

#define FIRST_SEEN TABLE_TIME("i.first_seen")
#define LAST_SEEN TABLE_TIME("i.last_seen")
#define RESOLVED_AT TABLE_TIME("i.resolved_at")
#define IGNORED_UNTIL TABLE_TIME("i.ignored_until")
#define AT TABLE_TIME("at")
#define MERGED_AT TABLE_TIME("merged_at")

#define MICROSECONDS(column) "(extract(epoch FROM " column ") * 1000000)::bigint"
#define LAST_SEEN_US MICROSECONDS("i.last_seen")
#define MOMENT(microseconds) \
    "timestamptz 'epoch' + " microseconds "::bigint * interval '1 microsecond'"

/* The last 24 hours, those without events too. */
#define HOURS                                                                       \
    "(SELECT json_agg(coalesce(h.events, 0) ORDER BY t.hour) FROM generate_series(" \
    "  date_trunc('hour', now(), 'UTC') - interval '23 hours',"                     \
    "  date_trunc('hour', now(), 'UTC'), interval '1 hour') AS t (hour)"            \
    " LEFT JOIN issue_hours h ON h.project_id = i.project_id AND h.issue_id = i.id" \
    "  AND h.hour = t.hour)"

/* From i, the issue, and the rows that were chosen: project's slug, users, token. */
#define COLUMNS                                                                   \
    "i.slug || '-' || i.id, i.project_id, i.title, i.culprit, i.level, i.status," \
    " i.event_count, i.users, " FIRST_SEEN ", " LAST_SEEN ","                     \
    " i.first_release, i.last_release, " RESOLVED_AT ", i.resolved_in,"           \
    " " IGNORED_UNTIL ", i.ignored_until_count, i.assignee,"                      \
    " encode(i.fingerprint, 'hex'), " HOURS ", i.token,"                          \
    " greatest(0, extract(epoch FROM now() - i.last_seen))::bigint,"              \
    " greatest(0, extract(epoch FROM now() - i.first_seen))::bigint"

static const struct table_column issue_columns[BROWSE_ISSUE_COLUMNS] = {
    {"id", TABLE_TEXT},
    {"project", TABLE_NUMBER},
    {"title", TABLE_TEXT},
    {"culprit", TABLE_TEXT},
    {"level", TABLE_TEXT},
    {"status", TABLE_TEXT},
    {"events", TABLE_NUMBER},
    {"users", TABLE_NUMBER},
    {"first_seen", TABLE_TEXT},
    {"last_seen", TABLE_TEXT},
    {"first_release", TABLE_TEXT},
    {"last_release", TABLE_TEXT},
    {"resolved_at", TABLE_TEXT},
    {"resolved_in", TABLE_TEXT},
    {"ignored_until", TABLE_TEXT},
    {"ignored_until_count", TABLE_NUMBER},
    {"assignee", TABLE_TEXT},
    {"fingerprint", TABLE_TEXT},
    {"hours", TABLE_JSON},
    {"after", TABLE_TEXT},
    {"age_s", TABLE_NUMBER},
    {"old_s", TABLE_NUMBER},
};

static const struct table_column activity_columns[] = {{"at", TABLE_TEXT},
                                                       {"kind", TABLE_TEXT},
                                                       {"actor", TABLE_TEXT},
                                                       {"detail", TABLE_TEXT}};

static const struct table_column tag_columns[] = {
    {"tag", TABLE_TEXT}, {"value", TABLE_TEXT}, {"events", TABLE_NUMBER}};

static const struct table_column merge_columns[] = {{"fingerprint", TABLE_TEXT},
                                                    {"merged_at", TABLE_TEXT}};

/* Orders: the letter of their tokens, and the column as a number, as it is ordered by,
 * and as a token has it. */
static const struct {
    const char *word;
    char letter;
    const char *by, *number, *from_token;
} sorts[BROWSE_SORTS] = {
    {"last_seen", 'l', "i.last_seen", MICROSECONDS("i.last_seen"), MOMENT("$9")},
    {"first_seen", 'f', "i.first_seen", MICROSECONDS("i.first_seen"), MOMENT("$9")},
    {"count", 'c', "i.event_count", "i.event_count", "$9::bigint"},
    {"users", 'u', "u.users", "u.users", "$9::bigint"},
};

enum browse_sort
browse_sort_parse(const char *word)
{
    enum browse_sort s = BROWSE_LAST_SEEN;

    while (s < BROWSE_SORTS && strcmp(word, sorts[s].word) != 0)
        s++;
    return s;
}

/* Takes a token apart: its letter, the number that it was ordered by, the issue's. */
static int
read_token(const char *token, enum browse_sort sort, char number[24], char id[24],
           struct error *e)
{
    struct str rest = str_of(token);
    int64_t a, b;

    if (rest.n > 1 && rest.p[0] == sorts[sort].letter) {
        struct str first;

        rest = (struct str){rest.p + 1, rest.n - 1};
        first = str_cut(&rest, '.');
        if (rest.p != NULL && num_parse(first, INT64_MIN, INT64_MAX, &a) == 0 &&
            num_parse(rest, 1, INT64_MAX, &b) == 0) {
            num_format(a, number);
            num_format(b, id);
            return 0;
        }
    }
    return error_set(e, ERROR_MALFORMED, "--after is no token of a list in this order");
}

/* Which issues: with an order that has an index first the page is chosen, then the rest
 * is looked up. */
static void
write_query(struct buf *sql, const struct browse_issues *ask, bool one_project)
{
    enum browse_sort s = ask->sort;
    static const char all[] =
        " LEFT JOIN " USERS_ESTIMATES " c ON c.project_id = i.project_id"
        "  AND c.issue_id = i.id"
        " CROSS JOIN LATERAL (SELECT coalesce(c.users, 0) AS users) u";

    buf_add_f(sql,
              "SELECT " COLUMNS " FROM (SELECT i.*, p.slug, %s AS users,"
              " '%c' || %s || '.' || i.id AS token FROM issues i"
              " JOIN projects p ON p.id = i.project_id%s WHERE %s",
              s == BROWSE_USERS ? "u.users" : USERS_ESTIMATE, sorts[s].letter,
              sorts[s].number, s == BROWSE_USERS ? all : "",
              one_project ? "i.project_id = $1::bigint" : "$1::bigint IS NULL");
    /* Subqueries with a limit: an EXISTS may be planned as a scan of all events. */
    buf_add_text(
        sql,
        " AND ($2::text IS NULL OR i.status = $2) AND ($3::text IS NULL OR i.level = $3)"
        " AND ($4::text IS NULL OR (SELECT true FROM events e"
        "  WHERE e.project_id = i.project_id AND e.issue_id = i.id"
        "  AND e.environment = $4 LIMIT 1))"
        " AND ($5::text IS NULL OR (SELECT true FROM events e"
        "  WHERE e.project_id = i.project_id AND e.issue_id = i.id"
        "  AND e.release = $5 LIMIT 1))"
        " AND ($6::text IS NULL OR i.assignee = $6)"
        " AND ($7::text IS NULL OR NOT EXISTS (SELECT"
        "  FROM regexp_split_to_table(lower($7), '\\s+') AS w (word)"
        "  WHERE strpos(lower(i.title), w.word) = 0))"
        " AND ($8::timestamptz IS NULL OR i.last_seen >= $8::timestamptz)");
    buf_add_f(sql,
              ask->after == NULL ? " AND $9::bigint IS NULL AND $10::bigint IS NULL"
                                 : " AND (%s, i.id) < (%s, $10::bigint)",
              sorts[s].by, sorts[s].from_token);
    buf_add_f(sql, " ORDER BY %s DESC, i.id DESC LIMIT $11::bigint) i ORDER BY ",
              sorts[s].by);
    buf_add_text(sql, s == BROWSE_LAST_SEEN    ? "i.last_seen"
                      : s == BROWSE_FIRST_SEEN ? "i.first_seen"
                      : s == BROWSE_COUNT      ? "i.event_count"
                                               : "i.users");
    buf_add(sql, " DESC, i.id DESC", sizeof " DESC, i.id DESC");
}

int
browse_issues(struct db *d, const struct browse_issues *ask, struct table *out,
              struct error *e)
{
    char project[24], number[24], id[24];
    const char *params[] = {NULL,         ask->status,   ask->level, ask->environment,
                            ask->release, ask->assignee, ask->words, ask->since,
                            NULL,         NULL,          ask->limit};
    struct buf sql = buf_init(64 * LIMIT_KIB);
    int rc;

    *out = (struct table){.columns = issue_columns};
    if (ask->project != NULL) {
        if (issue_project(d, ask->project, project, e) != 0)
            return -1;
        params[0] = project;
    }
    if (ask->after != NULL) {
        if (read_token(ask->after, ask->sort, number, id, e) != 0)
            return -1;
        params[8] = number;
        params[9] = id;
    }
    write_query(&sql, ask, ask->project != NULL);
    rc = sql.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                    : table_run(d, sql.data, params, COUNT_OF(params), out, e);
    buf_release(&sql);
    return rc;
}

int
browse_issue(struct db *d, const struct issue_ref *issue, struct table *out,
             struct error *e)
{
    const char *const params[] = {issue->project, issue->id};

    *out = (struct table){.columns = issue_columns};
    if (table_run(d,
                  "SELECT " COLUMNS " FROM (SELECT i.*, p.slug, " USERS_ESTIMATE
                  " AS users,"
                  " 'l' || " LAST_SEEN_US " || '.' || i.id AS token"
                  " FROM issues i JOIN projects p ON p.id = i.project_id"
                  " WHERE i.project_id = $1::bigint AND i.id = $2::bigint) i",
                  params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (out->row_count > 0)
        return 0;
    table_release(out);
    return error_set(e, ERROR_NOT_FOUND, "no such issue: %s", issue->name);
}

int
browse_activity(struct db *d, const struct issue_ref *issue, struct table *out,
                struct error *e)
{
    const char *const params[] = {issue->project, issue->id};

    *out = (struct table){.columns = activity_columns};
    return table_run(
        d,
        "SELECT " AT ", kind, actor, detail FROM issue_activity"
        " WHERE project_id = $1::bigint AND issue_id = $2::bigint ORDER BY id",
        params, COUNT_OF(params), out, e);
}

int
browse_tags(struct db *d, const struct issue_ref *issue, const char *events,
            struct table *out, struct error *e)
{
    const char *const params[] = {issue->project, issue->id, events};

    *out = (struct table){.columns = tag_columns};
    return table_run(
        d,
        "SELECT key, value, events FROM (SELECT key, value, count(*) AS events,"
        "  row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, value) AS n"
        "  FROM (SELECT tags FROM events WHERE project_id = $1::bigint"
        "   AND issue_id = $2::bigint ORDER BY received_at DESC LIMIT $3::bigint)"
        "   latest, jsonb_each_text(coalesce(tags, '{}')) GROUP BY key, value) t"
        " WHERE n <= 5 ORDER BY key, n",
        params, COUNT_OF(params), out, e);
}

int
browse_merges(struct db *d, const struct issue_ref *issue, struct table *out,
              struct error *e)
{
    const char *const params[] = {issue->project, issue->fingerprint};

    *out = (struct table){.columns = merge_columns};
    return table_run(d,
                     "SELECT encode(fingerprint, 'hex'), " MERGED_AT
                     " FROM issue_merges WHERE project_id = $1::bigint"
                     " AND into_fingerprint = $2::bytea ORDER BY merged_at, "
                     "fingerprint",
                     params, COUNT_OF(params), out, e);
}
