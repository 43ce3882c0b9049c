#include "admin/merge.h"

#include <stdio.h>
#include <string.h>

#include "admin/sql.h"
#include "admin/transaction.h"
#include "admin/users.h"
#include "base/num.h"

/* Merges in a project run one after the other.  A merge takes many transactions, and a
 * session's lock would be nobody's behind a pooler: a transaction of its own holds it. */
#define LOCK \
    "SELECT pg_advisory_xact_lock(hashtext('mesher issues'), hashint8($1::bigint))"

/* Many rows may have the same time; cursor and keys keep every plan on the indexes. */
#define BY_INDEX                                                        \
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; " \
    "SET LOCAL enable_mergejoin = off"

static const char begin_of_time[] = "-infinity";

/* A move between issues: of all events, or of those with one fingerprint. */
struct way {
    const struct issue_ref *from, *to;
    const char *fingerprint; /* NULL: all */
    const char *actor;
    char cursor[40], next[40]; /* received_at at which to continue, after this batch */
    int64_t moved, batch;      /* total number of events, and number in this batch */
    bool more;
};

/* Locks the rows of both issues in key order. */
static int
lock_both(struct db *d, const struct way *w, struct error *e)
{
    const char *const params[] = {w->from->project, w->from->id, w->to->id};
    int64_t rows;

    if (transaction_do(d, admin_sql_merge_lock_issues, params, 3, &rows, e) != 0)
        return -1;
    return rows == 2 ? 0
                     : error_set(e, ERROR_NOT_FOUND, "%s or %s was removed meanwhile",
                                 w->from->name, w->to->name);
}

/* Moves events from the cursor onwards; both rows are locked. */
static int
move_batch(struct db *d, struct way *w, struct error *e)
{
    char batch[24];
    const char *const params[] = {
        w->from->project, w->from->id,          w->to->id, w->cursor,
        w->fingerprint,   w->from->fingerprint, batch};
    int64_t picked = 0;
    PGresult *r;

    num_format(MERGE_BATCH, batch);
    if (db_run_params(d, admin_sql_merge_move, params, COUNT_OF(params), &r, e) != 0)
        return -1;
    CHECK(num_parse(db_get_str(r, 0, 0), 0, INT64_MAX, &w->batch) == 0 &&
          num_parse(db_get_str(r, 0, 1), 0, INT64_MAX, &picked) == 0);
    if (picked > 0)
        (void)snprintf(w->next, sizeof w->next, "%s", libpq.PQgetvalue(r, 0, 2));
    libpq.PQclear(r);
    w->more = picked == MERGE_BATCH;
    return 0;
}

static int
move_some(struct db *d, void *context, struct error *e)
{
    struct way *w = context;

    if (db_run_text(d, BY_INDEX, NULL, e) != 0 || lock_both(d, w, e) != 0)
        return -1;
    return move_batch(d, w, e);
}

/* A transaction that is run again starts where the last committed one ended.  Events
 * from the cursor's own microsecond are read again: those that moved are no longer
 * there. */
static int
move_all(struct db *d, struct way *w, struct error *e)
{
    (void)snprintf(w->cursor, sizeof w->cursor, "%s", begin_of_time);
    w->more = true;
    while (w->more) {
        (void)snprintf(w->next, sizeof w->next, "%s", w->cursor);
        if (transaction_run(d, move_some, w, e) != 0)
            return -1;
        w->moved += w->batch;
        (void)memcpy(w->cursor, w->next, sizeof w->cursor);
    }
    return 0;
}

/* Runs statements that all take the same parameters. */
static int
run_each(struct db *d, const char *const *sql, size_t n, const char *const *params,
         size_t count, struct error *e)
{
    for (size_t i = 0; i < n; i++)
        if (transaction_do(d, sql[i], params, count, NULL, e) != 0)
            return -1;
    return 0;
}

/* From now on new events go to the target.  Chains never arise: fingerprints that were
 * merged into the source now go to the target, and an issue that is itself merged
 * cannot be a target. */
static int
point_to_target(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->from->fingerprint,
                                  w->to->fingerprint};
    static const char *const sql[] = {
        admin_sql_merge_repoint,
        admin_sql_merge_point,
    };
    int64_t rows;

    if (lock_both(d, w, e) != 0 ||
        transaction_do(d, admin_sql_merge_target_is_merged, params, 3, &rows, e) != 0)
        return -1;
    if (rows > 0)
        return error_set(e, ERROR_POISON, "%s is itself being merged into another issue",
                         w->to->name);
    return run_each(d, sql, COUNT_OF(sql), params, COUNT_OF(params), e);
}

/* Moves events that reached the source after the last look, from a process that did
 * not know of the merge.  There are none, unless a writer of another version runs. */
static int
move_rest(struct db *d, struct way *w, struct error *e)
{
    if (db_run_text(d, BY_INDEX, NULL, e) != 0)
        return -1;
    (void)snprintf(w->cursor, sizeof w->cursor, "%s", begin_of_time);
    for (w->more = true; w->more;) {
        if (move_batch(d, w, e) != 0)
            return -1;
        (void)memcpy(w->cursor, w->next, sizeof w->cursor);
    }
    return 0;
}

/* Moves the rest of the source: counters of events that are already deleted, users,
 * activity and notes. */
static int
end_source(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->from->id, w->to->id, w->actor,
                                  w->from->name};

    static const struct {
        const char *text;
        size_t params; /* it takes only the first of them */
    } sql[] = {
        {admin_sql_merge_hours, 3},    {admin_sql_issue_hours_delete, 2},
        {admin_sql_merge_users, 3},    {admin_sql_issue_users_delete, 2},
        {admin_sql_merge_facets, 3},   {admin_sql_issue_facets_delete, 2},
        {admin_sql_merge_texts, 3},    {admin_sql_issue_texts_delete, 2},
        {admin_sql_merge_activity, 3}, {admin_sql_merge_totals, 3},
        {admin_sql_merge_note, 5},     {admin_sql_issue_delete, 2},
    };

    if (lock_both(d, w, e) != 0 || move_rest(d, w, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(sql); i++)
        if (transaction_do(d, sql[i].text, params, sql[i].params, NULL, e) != 0)
            return -1;
    return 0;
}

/* Ends the lock that project_lock() returned; NULL is allowed. */
static void
project_unlock(struct db *lock)
{
    struct error ignored;

    if (lock != NULL && db_is_connected(lock))
        (void)!db_run_text(lock, "ROLLBACK", NULL, &ignored);
    db_free(lock);
}

/* Returns the connection that holds the lock, to be ended with project_unlock(); NULL
 * with e. */
static struct db *
project_lock(struct db *d, const char *project, struct error *e)
{
    const char *const params[] = {project};
    struct db *lock = db_like(d);

    if (lock == NULL)
        (void)error_no_memory(e);
    else if (db_run_text(lock, "BEGIN", NULL, e) == 0 &&
             transaction_do(lock, LOCK, params, 1, NULL, e) == 0)
        return lock;
    project_unlock(lock);
    return NULL;
}

int
merge_issues(const struct lifecycle *l, const struct issue_ref *into, int64_t *moved,
             struct error *e)
{
    struct way w = {.from = l->issue, .to = into, .actor = l->actor};
    struct db *lock;
    int rc;

    *moved = 0;
    if (strcmp(w.from->project, into->project) != 0)
        return error_set(e, ERROR_MALFORMED, "%s and %s are issues of different projects",
                         w.from->name, into->name);
    if (strcmp(w.from->id, into->id) == 0)
        return error_set(e, ERROR_MALFORMED, "%s cannot be merged into itself",
                         into->name);
    lock = project_lock(l->db, into->project, e);
    rc = lock == NULL ? -1 : transaction_run(l->db, point_to_target, &w, e);
    if (rc == 0)
        rc = transaction_wait_for_writers(l->db, e);
    if (rc == 0)
        rc = move_all(l->db, &w, e);
    if (rc == 0)
        rc = transaction_run(l->db, end_source, &w, e);
    project_unlock(lock);
    *moved = w.moved;
    return rc;
}

/* Creates the issue that a fingerprint had, and redirects new events to it. */
static int
make_again(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->from->id, w->fingerprint,
                                  w->from->name, w->actor};
    static const char *const sql[] = {
        admin_sql_issue_lock,
        admin_sql_unmerge_make_issue,
        admin_sql_unmerge_point,
    };
    static const size_t counts[COUNT_OF(sql)] = {2, 3, 5};

    for (size_t i = 0; i < COUNT_OF(sql); i++)
        if (transaction_do(d, sql[i], params, counts[i], NULL, e) != 0)
            return -1;
    return 0;
}

/* Environments, releases and text as the events of both have them; the source keeps its
 * text, by which it was found before. */
static int
settle_search(struct db *d, const struct way *w, struct error *e)
{
    const char *const from[] = {w->from->project, w->from->id};
    const char *const to[] = {w->from->project, w->to->id};

    if (transaction_do(d, admin_sql_issue_facets_delete, from, 2, NULL, e) != 0 ||
        transaction_do(d, admin_sql_issue_facets_add, from, 2, NULL, e) != 0 ||
        transaction_do(d, admin_sql_issue_facets_delete, to, 2, NULL, e) != 0 ||
        transaction_do(d, admin_sql_issue_facets_add, to, 2, NULL, e) != 0 ||
        transaction_do(d, admin_sql_issue_texts_delete, to, 2, NULL, e) != 0)
        return -1;
    return transaction_do(d, admin_sql_issue_texts_add, to, 2, NULL, e);
}

static int
settle_both(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->to->id};
    const char *const rest[] = {w->from->project, w->from->id, w->to->id};

    if (db_run_text(d, BY_INDEX, NULL, e) != 0 || lock_both(d, w, e) != 0 ||
        transaction_do(d, admin_sql_issue_recount, params, 2, NULL, e) != 0 ||
        users_recount(d, w->to, e) != 0 ||
        transaction_do(d, admin_sql_issue_recount_rest, rest, 3, NULL, e) != 0 ||
        settle_search(d, w, e) != 0)
        return -1;
    return transaction_do(d, admin_sql_issue_hours_delete_empty, rest, 2, NULL, e);
}

/* Finds the name of the issue with this fingerprint, as an issue_ref. */
static int
find_by_fingerprint(struct db *d, const char *project, const char *fingerprint,
                    struct issue_ref *out, struct error *e)
{
    const char *const params[] = {project, fingerprint};
    char name[64] = "";
    PGresult *r;

    if (db_run_params(d, admin_sql_issue_of_fingerprint, params, 2, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0)
        (void)snprintf(name, sizeof name, "%s", libpq.PQgetvalue(r, 0, 0));
    libpq.PQclear(r);
    return name[0] == '\0' ? error_set(e, ERROR_NOT_FOUND,
                                       "no issue has the fingerprint %s", fingerprint + 2)
                           : issue_ref_find(d, name, out, e);
}

static int
undo_one(struct db *d, struct way *w, struct issue_ref *made, struct error *e)
{
    if (transaction_run(d, make_again, w, e) != 0 ||
        transaction_wait_for_writers(d, e) != 0 ||
        find_by_fingerprint(d, w->from->project, w->fingerprint, made, e) != 0)
        return -1;
    w->to = made;
    if (move_all(d, w, e) != 0)
        return -1;
    return transaction_run(d, settle_both, w, e);
}

static int
undo_each(struct db *d, const PGresult *list, const char *actor, int64_t *moved,
          struct issue_ref *made, struct error *e)
{
    for (int i = 0; i < libpq.PQntuples(list); i++) {
        struct issue_ref from;
        struct way w = {
            .from = &from, .fingerprint = libpq.PQgetvalue(list, i, 0), .actor = actor};
        struct db *lock;
        int rc;

        if (issue_ref_find(d, libpq.PQgetvalue(list, i, 1), &from, e) != 0)
            return -1;
        lock = project_lock(d, from.project, e);
        if (lock == NULL)
            return -1;
        rc = undo_one(d, &w, made, e);
        project_unlock(lock);
        *moved += w.moved;
        if (rc != 0)
            return -1;
    }
    return 0;
}

int
merge_undo(struct db *d, const char *what, const char *actor, int64_t *moved,
           struct issue_ref *made, struct error *e)
{
    char fingerprint[40];
    struct issue_ref issue = {.name = ""};
    const char *params[] = {NULL, NULL};
    PGresult *list;
    int rc;

    *moved = 0;
    if (strlen(what) == 32 && strspn(what, "0123456789abcdefABCDEF") == 32) {
        (void)snprintf(fingerprint, sizeof fingerprint, "\\x%s", what);
        params[0] = fingerprint;
    } else if (issue_ref_find(d, what, &issue, e) != 0) {
        return -1;
    } else {
        params[1] = issue.asked;
    }
    if (db_run_params(d, admin_sql_unmerge_list, params, 2, &list, e) != 0)
        return -1;
    rc = libpq.PQntuples(list) == 0
             ? error_set(e, ERROR_NOT_FOUND, "nothing was merged into %.60s", what)
             : undo_each(d, list, actor, moved, made, e);
    libpq.PQclear(list);
    return rc;
}
