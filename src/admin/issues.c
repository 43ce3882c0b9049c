#include "admin/issues.h"

#include <stdio.h>
#include <string.h>

#include "admin/sql.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "store/sqltext.h"

#define MICROSECONDS(column) "(extract(epoch FROM " column ") * 1000000)::bigint"
#define MOMENT \
    "(timestamptz 'epoch' + $9::bigint * interval '1 microsecond', $10::bigint)"
#define NUMBER "($9::bigint, $10::bigint)"

static const struct table_column issue_columns[N_ISSUES_COLUMNS] = {
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

/* The sort orders: the letter of their tokens, the column as a number, the sort
 * expression (a coarse column first does not change the order, but has an index), the
 * condition that continues a list, and the order of the page. */
static const struct {
    const char *word, *letter, *number, *order_by, *follows, *order_again;
} sorts[N_ISSUES_SORTS] = {
    {"last_seen", "l", MICROSECONDS("i.last_seen"), "i.last_hour DESC, i.last_seen",
     "(i.last_seen, i.id) < " MOMENT, "i.last_seen"},
    {"first_seen", "f", MICROSECONDS("i.first_seen"), "i.first_seen",
     "(i.first_seen, i.id) < " MOMENT, "i.first_seen"},
    {"count", "c", "i.event_count", "i.count_class DESC, i.event_count",
     "(i.event_count, i.id) < " NUMBER, "i.event_count"},
    {"users", "u", "u.users", "u.users", "(u.users, i.id) < " NUMBER, "i.users"},
};

enum issues_sort
issues_sort_parse(const char *word)
{
    enum issues_sort s = ISSUES_BY_LAST_SEEN;

    while (s < N_ISSUES_SORTS && strcmp(word, sorts[s].word) != 0)
        s++;
    return s;
}

/* Splits a token into its letter, the sort value and the issue's number. */
static int
read_token(const char *token, enum issues_sort sort, char number[24], char id[24],
           struct error *e)
{
    struct str rest = str_of(token);
    int64_t a, b;

    if (rest.n > 1 && rest.p[0] == sorts[sort].letter[0]) {
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

static void
write_query(const struct issues_query *ask, struct buf *sql)
{
    enum issues_sort s = ask->sort;
    const struct sqltext values[] = {
        {"letter", sorts[s].letter},
        {"number", sorts[s].number},
        {"order_by", sorts[s].order_by},
        {"order_again", sorts[s].order_again},
        {"project_is",
         ask->project != NULL ? "i.project_id = $1::bigint" : "$1::bigint IS NULL"},
        {"follows", ask->after != NULL ? sorts[s].follows
                                       : "$9::bigint IS NULL AND $10::bigint IS NULL"}};

    sqltext_fill(s == ISSUES_BY_USERS ? admin_sql_issue_list_by_users
                                      : admin_sql_issue_list,
                 values, COUNT_OF(values), sql);
}

int
issues_list(struct db *d, const struct issues_query *ask, struct table *out,
            struct error *e)
{
    char project[24], number[24], id[24];
    const char *params[] = {NULL,         ask->status,   ask->level, ask->environment,
                            ask->release, ask->assignee, ask->words, ask->since,
                            NULL,         NULL,          ask->limit};
    struct buf sql;
    int rc;

    *out = (struct table){.columns = issue_columns};
    if (ask->project != NULL) {
        if (issue_ref_project(d, ask->project, project, e) != 0)
            return -1;
        params[0] = project;
    }
    if (ask->after != NULL) {
        if (read_token(ask->after, ask->sort, number, id, e) != 0)
            return -1;
        params[8] = number;
        params[9] = id;
    }
    write_query(ask, &sql);
    rc = sql.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                    : table_run(d, sql.data, params, COUNT_OF(params), out, e);
    buf_release(&sql);
    return rc;
}

int
issues_one(struct db *d, const struct issue_ref *issue, struct table *out,
           struct error *e)
{
    const char *const params[] = {issue->project, issue->id};

    *out = (struct table){.columns = issue_columns};
    if (table_run(d, admin_sql_issue_one, params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (out->row_count > 0)
        return 0;
    table_release(out);
    return error_set(e, ERROR_NOT_FOUND, "no such issue: %s", issue->name);
}

int
issues_activity(struct db *d, const struct issue_ref *issue, struct table *out,
                struct error *e)
{
    const char *const params[] = {issue->project, issue->id};

    *out = (struct table){.columns = activity_columns};
    return table_run(d, admin_sql_issue_activity, params, COUNT_OF(params), out, e);
}

int
issues_tags(struct db *d, const struct issue_ref *issue, const char *events,
            struct table *out, struct error *e)
{
    const char *const params[] = {issue->project, issue->id, events};

    *out = (struct table){.columns = tag_columns};
    return table_run(d, admin_sql_issue_tags, params, COUNT_OF(params), out, e);
}

int
issues_merges(struct db *d, const struct issue_ref *issue, struct table *out,
              struct error *e)
{
    const char *const params[] = {issue->project, issue->fingerprint};

    *out = (struct table){.columns = merge_columns};
    return table_run(d, admin_sql_issue_merges, params, COUNT_OF(params), out, e);
}
