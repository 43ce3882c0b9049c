#include "admin/discard.h"

#include "admin/sql.h"
#include "admin/transaction.h"
#include "base/num.h"

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
    return transaction_do(d, admin_sql_issue_events_delete, params, COUNT_OF(params),
                          rows, e);
}

/* Deletes one batch in a transaction, which may have to run again. */
static int
remove_batch(struct db *d, void *context, struct error *e)
{
    struct removal *r = context;

    return remove_some(d, r->issue, &r->removed, e);
}

/* Lock the row first: a running batch has then ended, and the next one creates a new
 * issue. */
static int
remove_rest(struct db *d, void *context, struct error *e)
{
    struct removal *r = context;
    const char *const params[] = {r->issue->project, r->issue->id, r->issue->fingerprint};

    static const struct {
        const char *sql;
        size_t count;
    } last[] = {
        {admin_sql_issue_hours_delete, 2},    {admin_sql_issue_users_delete, 2},
        {admin_sql_issue_facets_delete, 2},   {admin_sql_issue_texts_delete, 2},
        {admin_sql_issue_activity_delete, 2}, {admin_sql_issue_merges_delete, 3},
        {admin_sql_issue_delete, 2},
    };

    int64_t rows = 1;

    if (transaction_do(d, admin_sql_issue_lock, params, 2, NULL, e) != 0)
        return -1;
    for (r->removed = 0; rows > 0; r->removed += rows)
        if (remove_some(d, r->issue, &rows, e) != 0)
            return -1;
    for (size_t i = 0; i < COUNT_OF(last); i++)
        if (transaction_do(d, last[i].sql, params, last[i].count, NULL, e) != 0)
            return -1;
    return 0;
}

/* From now on the writer drops events with one of the issue's fingerprints. */
static int
drop_later_ones(struct db *d, const struct issue_ref *issue, struct error *e)
{
    const char *const params[] = {issue->project, issue->id};

    return transaction_do(d, admin_sql_issue_discard, params, 2, NULL, e);
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
