#include "admin/discard.h"

#include "admin/transaction.h"
#include "base/num.h"

/* A few events, with what is beside them. */
static const char some[] =
    "WITH picked AS MATERIALIZED (SELECT id, received_at FROM events"
    "  WHERE project_id = $1::bigint AND issue_id = $2::bigint"
    "  ORDER BY received_at LIMIT $3::bigint),"
    " gone AS (DELETE FROM events e USING picked p WHERE e.project_id = $1::bigint"
    "  AND e.id = p.id AND e.received_at = p.received_at RETURNING e.id),"
    " files AS (DELETE FROM attachments a USING gone g"
    "  WHERE a.project_id = $1::bigint AND a.event_id = g.id),"
    " reports AS (DELETE FROM user_reports u USING gone g"
    "  WHERE u.project_id = $1::bigint AND u.event_id = g.id)"
    " SELECT FROM gone";

struct removal {
    const struct issue_ref *issue;
    int64_t removed;
};

static int
remove_some(struct db *d, const struct issue_ref *issue, int64_t *rows, struct error *e)
{
    char batch[24];
    const char *const params[] = {issue->project, issue->id, batch};

    num_format(DISCARD_BATCH, batch);
    return transaction_do(d, some, params, COUNT_OF(params), rows, e);
}

/* One transaction of it, which may have to be run again. */
static int
remove_batch(struct db *d, void *context, struct error *e)
{
    struct removal *r = context;

    return remove_some(d, r->issue, &r->removed, e);
}

/* The row is locked first: a batch that is under way is over then, and the next one makes
 * a new issue. */
static int
remove_rest(struct db *d, void *context, struct error *e)
{
    struct removal *r = context;
    const char *const params[] = {r->issue->project, r->issue->id, r->issue->fingerprint};

    static const struct {
        const char *sql;
        size_t count;
    } last[] = {
        {"DELETE FROM issue_hours WHERE project_id = $1::bigint"
         " AND issue_id = $2::bigint",
         2},
        {"DELETE FROM issue_users WHERE project_id = $1::bigint"
         " AND issue_id = $2::bigint",
         2},
        {"DELETE FROM issue_activity WHERE project_id = $1::bigint"
         " AND issue_id = $2::bigint",
         2},
        {"DELETE FROM issue_merges WHERE project_id = $1::bigint"
         " AND $2::bigint > 0 AND into_fingerprint = $3::bytea",
         3},
        {"DELETE FROM issues WHERE project_id = $1::bigint AND id = $2::bigint", 2},
    };

    int64_t rows = 1;

    if (transaction_do(d,
                       "SELECT FROM issues WHERE project_id = $1::bigint"
                       " AND id = $2::bigint FOR UPDATE",
                       params, 2, NULL, e) != 0)
        return -1;
    for (r->removed = 0; rows > 0; r->removed += rows)
        if (remove_some(d, r->issue, &rows, e) != 0)
            return -1;
    for (size_t i = 0; i < COUNT_OF(last); i++)
        if (transaction_do(d, last[i].sql, params, last[i].count, NULL, e) != 0)
            return -1;
    return 0;
}

/* From now on the writer drops what has one of the issue's fingerprints. */
static int
drop_later_ones(struct db *d, const struct issue_ref *issue, struct error *e)
{
    const char *const params[] = {issue->project, issue->id};

    return transaction_do(
        d,
        "INSERT INTO issue_discards (project_id, fingerprint, title, discarded_at)"
        " SELECT i.project_id, f.fingerprint, i.title, clock_timestamp() FROM issues i,"
        " LATERAL (SELECT i.fingerprint UNION SELECT m.fingerprint FROM issue_merges m"
        "  WHERE m.project_id = i.project_id AND m.into_fingerprint = i.fingerprint) f"
        " WHERE i.project_id = $1::bigint AND i.id = $2::bigint"
        " ON CONFLICT (project_id, fingerprint) DO NOTHING",
        params, 2, NULL, e);
}

int
discard_issue(struct db *d, const struct issue_ref *issue, bool for_good,
              int64_t *removed, struct error *e)
{
    struct removal r = {issue, 1};

    *removed = 0;
    if (for_good &&
        (drop_later_ones(d, issue, e) != 0 || transaction_wait_for_writers(d, e) != 0))
        return -1;
    while (r.removed > 0) {
        if (transaction_run(d, remove_batch, &r, e) != 0)
            return -1;
        *removed += r.removed;
    }
    if (transaction_run(d, remove_rest, &r, e) != 0)
        return -1;
    *removed += r.removed;
    return 0;
}
