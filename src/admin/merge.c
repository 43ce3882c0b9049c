#include "admin/merge.h"

#include <stdio.h>
#include <string.h>

#include "admin/transaction.h"
#include "admin/users.h"
#include "base/num.h"

/* One after the other in a project; the lock goes with the connection. */
#define LOCK "SELECT pg_advisory_lock(hashtext('mesher issues'), hashint8($1::bigint))"
#define UNLOCK \
    "SELECT pg_advisory_unlock(hashtext('mesher issues'), hashint8($1::bigint))"

/* Rows of one time are many; cursor and keys keep every plan on the indexes. */
#define BY_INDEX                                                        \
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; " \
    "SET LOCAL enable_mergejoin = off"

static const char begin_of_time[] = "-infinity";

/* A way from issue to issue: of all events, or of those with one fingerprint. */
struct way {
    const struct issue_ref *from, *to;
    const char *fingerprint; /* NULL: all */
    const char *actor;
    char cursor[40], next[40]; /* received_at: where to go on, after this batch */
    int64_t moved, batch;      /* events in all, and in this batch */
    bool more;
};

/* Locks the rows of both issues in key order. */
static int
lock_both(struct db *d, const struct way *w, struct error *e)
{
    const char *const params[] = {w->from->project, w->from->id, w->to->id};
    int64_t rows;

    if (transaction_do(d,
                       "SELECT FROM issues WHERE project_id = $1::bigint"
                       " AND id IN ($2::bigint, $3::bigint) ORDER BY fingerprint"
                       " FOR UPDATE",
                       params, 3, &rows, e) != 0)
        return -1;
    return rows == 2 ? 0
                     : error_set(e, ERROR_NOT_FOUND, "%s or %s is gone meanwhile",
                                 w->from->name, w->to->name);
}

static const char move[] =
    "WITH picked AS MATERIALIZED (SELECT id, received_at FROM events"
    "  WHERE project_id = $1::bigint AND issue_id = $2::bigint"
    "  AND received_at >= $4::timestamptz"
    "  AND ($5::bytea IS NULL OR fingerprint = $5::bytea)"
    "  ORDER BY received_at LIMIT $7::bigint),"
    " moved AS (UPDATE events e SET issue_id = $3::bigint,"
    "  fingerprint = coalesce(e.fingerprint, $6::bytea) FROM picked p"
    "  WHERE e.project_id = $1::bigint AND e.id = p.id"
    "  AND e.received_at = p.received_at AND e.issue_id = $2::bigint"
    "  RETURNING e.received_at),"
    " hours AS (SELECT date_trunc('hour', received_at, 'UTC') AS hour,"
    "  count(*) AS events FROM moved GROUP BY 1),"
    " taken AS (SELECT h.hour, least(h.events, m.events) AS events"
    "  FROM issue_hours h JOIN hours m USING (hour)"
    "  WHERE h.project_id = $1::bigint AND h.issue_id = $2::bigint),"
    " gone AS (UPDATE issue_hours h SET events = h.events - t.events FROM taken t"
    "  WHERE h.project_id = $1::bigint AND h.issue_id = $2::bigint"
    "  AND h.hour = t.hour),"
    " come AS (INSERT INTO issue_hours AS known (project_id, issue_id, hour, events)"
    "  SELECT $1::bigint, $3::bigint, hour, events FROM taken"
    "  ON CONFLICT (project_id, issue_id, hour) DO UPDATE SET"
    "   events = known.events + excluded.events),"
    " counted AS (UPDATE issues SET event_count = event_count"
    "  + CASE id WHEN $3::bigint THEN 1 ELSE -1 END * (SELECT count(*) FROM moved)"
    "  WHERE project_id = $1::bigint AND id IN ($2::bigint, $3::bigint))"
    " SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM picked),"
    "  (SELECT max(received_at) FROM picked)";

/* Moves events from the cursor on; both rows are locked. */
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
    if (db_run_params(d, move, params, COUNT_OF(params), &r, e) != 0)
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

/* A transaction that is run again begins where the last one that was committed ended.
 * Events of the cursor's own microsecond are looked at again: those that moved are not
 * there any more. */
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

/* From now on new events go to the target.  Never a chain: what was merged into the
 * source goes to the target, and a target that is itself merged is none. */
static int
point_to_target(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->from->fingerprint,
                                  w->to->fingerprint};
    static const char *const sql[] = {
        "UPDATE issue_merges SET into_fingerprint = $3::bytea"
        " WHERE project_id = $1::bigint AND into_fingerprint = $2::bytea",
        "INSERT INTO issue_merges (project_id, fingerprint, into_fingerprint, merged_at)"
        " VALUES ($1::bigint, $2::bytea, $3::bytea, clock_timestamp())"
        " ON CONFLICT (project_id, fingerprint) DO UPDATE SET"
        " into_fingerprint = excluded.into_fingerprint",
    };
    int64_t rows;

    if (lock_both(d, w, e) != 0 ||
        transaction_do(d,
                       "SELECT FROM issue_merges WHERE project_id = $1::bigint"
                       " AND fingerprint = $3::bytea AND $2::bytea IS NOT NULL",
                       params, 3, &rows, e) != 0)
        return -1;
    if (rows > 0)
        return error_set(e, ERROR_POISON, "%s is being merged into another issue itself",
                         w->to->name);
    return run_each(d, sql, COUNT_OF(sql), params, COUNT_OF(params), e);
}

/* Whatever came to the source after it was looked at last, by somebody who did not know:
 * nothing, unless a writer of another version runs. */
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

/* What is left of the source: counters of events that are gone already, users, what
 * people wrote. */
static int
end_source(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->from->id, w->to->id, w->actor,
                                  w->from->name};
    static const char *const sql[] = {
        "INSERT INTO issue_hours AS known (project_id, issue_id, hour, events)"
        " SELECT project_id, $3::bigint, hour, events FROM issue_hours"
        " WHERE project_id = $1::bigint AND issue_id = $2::bigint AND events > 0"
        " ON CONFLICT (project_id, issue_id, hour) DO UPDATE SET"
        " events = known.events + excluded.events",
        "DELETE FROM issue_hours WHERE project_id = $1::bigint"
        " AND issue_id = $2::bigint",
        "INSERT INTO issue_users AS known (project_id, issue_id, register, rank)"
        " SELECT project_id, $3::bigint, register, rank FROM issue_users"
        " WHERE project_id = $1::bigint AND issue_id = $2::bigint"
        " ON CONFLICT (project_id, issue_id, register) DO UPDATE SET"
        " rank = greatest(known.rank, excluded.rank)",
        "DELETE FROM issue_users WHERE project_id = $1::bigint"
        " AND issue_id = $2::bigint",
        "UPDATE issue_activity SET issue_id = $3::bigint"
        " WHERE project_id = $1::bigint AND issue_id = $2::bigint",
        "UPDATE issues i SET event_count = i.event_count + s.event_count,"
        " first_release = CASE WHEN s.first_seen < i.first_seen"
        "  THEN coalesce(s.first_release, i.first_release)"
        "  ELSE coalesce(i.first_release, s.first_release) END,"
        " last_release = CASE WHEN s.last_seen > i.last_seen"
        "  THEN coalesce(s.last_release, i.last_release)"
        "  ELSE coalesce(i.last_release, s.last_release) END,"
        " first_seen = least(i.first_seen, s.first_seen),"
        " last_seen = greatest(i.last_seen, s.last_seen),"
        " level = CASE WHEN strpos('debug info warning error fatal', s.level)"
        "  > strpos('debug info warning error fatal', i.level)"
        "  THEN s.level ELSE i.level END"
        " FROM issues s WHERE i.project_id = $1::bigint AND i.id = $3::bigint"
        " AND s.project_id = $1::bigint AND s.id = $2::bigint",
        "INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)"
        " SELECT project_id, $3::bigint, clock_timestamp(), 'merged', $4::text,"
        " $5::text || ': ' || title FROM issues"
        " WHERE project_id = $1::bigint AND id = $2::bigint",
        "DELETE FROM issues WHERE project_id = $1::bigint AND id = $2::bigint",
    };

    if (lock_both(d, w, e) != 0 || move_rest(d, w, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        /* Each takes as many as it names. */
        size_t count = strstr(sql[i], "$5") != NULL ? 5 : strstr(sql[i], "$3") ? 3 : 2;

        if (transaction_do(d, sql[i], params, count, NULL, e) != 0)
            return -1;
    }
    return 0;
}

static int
project_lock(struct db *d, const char *sql, const char *project, struct error *e)
{
    const char *const params[] = {project};

    return transaction_do(d, sql, params, 1, NULL, e);
}

int
merge_issues(const struct lifecycle *l, const struct issue_ref *into, int64_t *moved,
             struct error *e)
{
    struct way w = {.from = l->issue, .to = into, .actor = l->actor};
    struct error ignored;
    int rc;

    *moved = 0;
    if (strcmp(w.from->project, into->project) != 0)
        return error_set(e, ERROR_MALFORMED, "%s and %s are issues of two projects",
                         w.from->name, into->name);
    if (strcmp(w.from->id, into->id) == 0)
        return error_set(e, ERROR_MALFORMED, "%s cannot be merged into itself",
                         into->name);
    rc = project_lock(l->db, LOCK, into->project, e);
    if (rc == 0)
        rc = transaction_run(l->db, point_to_target, &w, e);
    if (rc == 0)
        rc = transaction_wait_for_writers(l->db, e);
    if (rc == 0)
        rc = move_all(l->db, &w, e);
    if (rc == 0)
        rc = transaction_run(l->db, end_source, &w, e);
    if (project_lock(l->db, UNLOCK, into->project, &ignored) != 0)
        db_close(l->db);
    *moved = w.moved;
    return rc;
}

/* Makes the issue that a fingerprint had, and lets new events go there. */
static int
make_again(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->from->id, w->fingerprint,
                                  w->from->name, w->actor};
    static const char *const sql[] = {
        "SELECT FROM issues WHERE project_id = $1::bigint AND id = $2::bigint"
        " FOR UPDATE",
        "INSERT INTO issues (project_id, fingerprint, title, culprit, level,"
        " event_count, first_seen, last_seen)"
        " SELECT project_id, $3::bytea, title, culprit, level, 0, first_seen, last_seen"
        " FROM issues WHERE project_id = $1::bigint AND id = $2::bigint"
        " ON CONFLICT (project_id, fingerprint) DO NOTHING",
        "WITH undone AS (DELETE FROM issue_merges WHERE project_id = $1::bigint"
        "  AND fingerprint = $3::bytea RETURNING 1)"
        " INSERT INTO issue_activity (project_id, issue_id, at, kind, actor, detail)"
        " SELECT i.project_id, v.issue_id, clock_timestamp(), 'unmerged', $5::text,"
        "  v.other FROM issues i JOIN projects p ON p.id = i.project_id"
        " CROSS JOIN undone CROSS JOIN LATERAL (VALUES (i.id, $4::text),"
        "  ($2::bigint, p.slug || '-' || i.id)) AS v (issue_id, other)"
        " WHERE i.project_id = $1::bigint AND i.fingerprint = $3::bytea",
    };
    static const size_t counts[COUNT_OF(sql)] = {2, 3, 5};

    for (size_t i = 0; i < COUNT_OF(sql); i++)
        if (transaction_do(d, sql[i], params, counts[i], NULL, e) != 0)
            return -1;
    return 0;
}

/* Seen, releases, title and level of an issue from its events; none: as it was. */
static const char recount[] =
    "UPDATE issues i SET first_seen = a.first_seen, last_seen = a.last_seen,"
    " level = a.level, title = l.title, culprit = l.culprit,"
    " first_release = (SELECT release FROM events e WHERE e.project_id = i.project_id"
    "  AND e.issue_id = i.id AND release IS NOT NULL ORDER BY received_at LIMIT 1),"
    " last_release = (SELECT release FROM events e WHERE e.project_id = i.project_id"
    "  AND e.issue_id = i.id AND release IS NOT NULL ORDER BY received_at DESC LIMIT 1)"
    " FROM (SELECT min(received_at) AS first_seen, max(received_at) AS last_seen,"
    "  (array['debug', 'info', 'warning', 'error', 'fatal'])[max(array_position("
    "   array['debug', 'info', 'warning', 'error', 'fatal'], level))] AS level"
    "  FROM events WHERE project_id = $1::bigint AND issue_id = $2::bigint) a,"
    " (SELECT title, culprit FROM events WHERE project_id = $1::bigint"
    "  AND issue_id = $2::bigint ORDER BY received_at DESC LIMIT 1) l"
    " WHERE i.project_id = $1::bigint AND i.id = $2::bigint";

/* What is left of the old one.  Its counters may be older than its events: then they
 * stay. */
static const char recount_rest[] =
    "UPDATE issues i SET"
    " first_seen = CASE WHEN i.first_seen < m.first_seen THEN i.first_seen"
    "  ELSE coalesce(a.first_seen, i.first_seen) END,"
    " last_seen = coalesce(a.last_seen, i.last_seen),"
    " title = coalesce(l.title, i.title), culprit = coalesce(l.culprit, i.culprit),"
    " last_release = coalesce((SELECT release FROM events e"
    "  WHERE e.project_id = i.project_id AND e.issue_id = i.id"
    "  AND release IS NOT NULL ORDER BY received_at DESC LIMIT 1), i.last_release),"
    " first_release = CASE WHEN i.first_seen < m.first_seen THEN i.first_release"
    "  ELSE coalesce((SELECT release FROM events e WHERE e.project_id = i.project_id"
    "   AND e.issue_id = i.id AND release IS NOT NULL ORDER BY received_at LIMIT 1),"
    "   i.first_release) END"
    " FROM (SELECT min(received_at) AS first_seen, max(received_at) AS last_seen"
    "  FROM events WHERE project_id = $1::bigint AND issue_id = $2::bigint) a"
    " LEFT JOIN (SELECT title, culprit FROM events WHERE project_id = $1::bigint"
    "  AND issue_id = $2::bigint ORDER BY received_at DESC LIMIT 1) l ON true"
    " CROSS JOIN (SELECT first_seen FROM issues WHERE project_id = $1::bigint"
    "  AND id = $3::bigint) m"
    " WHERE i.project_id = $1::bigint AND i.id = $2::bigint";

static int
settle_both(struct db *d, void *context, struct error *e)
{
    struct way *w = context;
    const char *const params[] = {w->from->project, w->to->id};
    const char *const rest[] = {w->from->project, w->from->id, w->to->id};

    if (db_run_text(d, BY_INDEX, NULL, e) != 0 || lock_both(d, w, e) != 0 ||
        transaction_do(d, recount, params, 2, NULL, e) != 0 ||
        users_recount(d, w->to, e) != 0 ||
        transaction_do(d, recount_rest, rest, 3, NULL, e) != 0)
        return -1;
    return transaction_do(d,
                          "DELETE FROM issue_hours WHERE project_id = $1::bigint"
                          " AND issue_id = $2::bigint AND events = 0",
                          rest, 2, NULL, e);
}

/* The name of the issue with this fingerprint, as an issue_ref. */
static int
find_by_fingerprint(struct db *d, const char *project, const char *fingerprint,
                    struct issue_ref *out, struct error *e)
{
    const char *const params[] = {project, fingerprint};
    char name[64] = "";
    PGresult *r;

    if (db_run_params(d,
                      "SELECT p.slug || '-' || i.id FROM issues i"
                      " JOIN projects p ON p.id = i.project_id"
                      " WHERE i.project_id = $1::bigint AND i.fingerprint = $2::bytea",
                      params, 2, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0)
        (void)snprintf(name, sizeof name, "%s", libpq.PQgetvalue(r, 0, 0));
    libpq.PQclear(r);
    return name[0] == '\0' ? error_set(e, ERROR_NOT_FOUND,
                                       "no issue has the fingerprint %s", fingerprint + 2)
                           : issue_find(d, name, out, e);
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

/* What is to be taken apart: fingerprint, and the name of the issue that it is in. One
 * that was interrupted is in no list any more, but in the activity of its issue. */
static const char merged[] =
    "SELECT m.fingerprint, p.slug || '-' || i.id FROM issue_merges m"
    " JOIN projects p ON p.id = m.project_id JOIN issues i"
    "  ON i.project_id = m.project_id AND i.fingerprint = m.into_fingerprint"
    " WHERE m.fingerprint = $1::bytea OR p.slug || '-' || i.id = $2::text"
    " UNION SELECT i.fingerprint, a.detail FROM issues i JOIN LATERAL"
    "  (SELECT detail FROM issue_activity a WHERE a.project_id = i.project_id"
    "   AND a.issue_id = i.id AND kind = 'unmerged' ORDER BY id DESC LIMIT 1) a ON true"
    "  WHERE i.fingerprint = $1::bytea"
    " ORDER BY 1";

static int
undo_each(struct db *d, const PGresult *list, const char *actor, int64_t *moved,
          struct issue_ref *made, struct error *e)
{
    for (int i = 0; i < libpq.PQntuples(list); i++) {
        struct issue_ref from;
        struct way w = {
            .from = &from, .fingerprint = libpq.PQgetvalue(list, i, 0), .actor = actor};
        struct error ignored;
        int rc;

        if (issue_find(d, libpq.PQgetvalue(list, i, 1), &from, e) != 0 ||
            project_lock(d, LOCK, from.project, e) != 0)
            return -1;
        rc = undo_one(d, &w, made, e);
        if (project_lock(d, UNLOCK, from.project, &ignored) != 0)
            db_close(d);
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
    } else if (issue_find(d, what, &issue, e) != 0) {
        return -1;
    } else {
        params[1] = issue.name;
    }
    if (db_run_params(d, merged, params, 2, &list, e) != 0)
        return -1;
    rc = libpq.PQntuples(list) == 0
             ? error_set(e, ERROR_NOT_FOUND, "nothing was merged into %.60s", what)
             : undo_each(d, list, actor, moved, made, e);
    libpq.PQclear(list);
    return rc;
}
