#include "admin/tail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/issue_ref.h"
#include "admin/sql.h"
#include "admin/table.h"
#include "admin/transaction.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "store/pooler.h"

/* The minimum time between two queries, however often they are called for. */
#define CALM_MS 100

struct tail {
    struct db *db;
    char project[24]; /* "": all */
    char cursor[40];  /* received_at of the newest event seen so far */
    struct table now, before;
    const char **known; /* ids of `before`, sorted */
    size_t known_count;
    bool settled;
    int64_t settle_at_ms, calm_at_ms;
};

static const struct table_column columns[TAIL_COLUMNS] = {
    {"id", TABLE_TEXT},    {"project", TABLE_NUMBER}, {"issue", TABLE_TEXT},
    {"level", TABLE_TEXT}, {"title", TABLE_TEXT},     {"received_at", TABLE_TEXT}};

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
out_of_memory(struct error *e)
{
    return error_set(e, ERROR_SYSTEM, "out of memory");
}

/* Records the new events as known. */
static int
remember(struct tail *t, struct error *e)
{
    const char **known = calloc(t->now.row_count + 1, sizeof *known);

    if (known == NULL)
        return out_of_memory(e);
    for (size_t i = 0; i < t->now.row_count; i++)
        known[i] = table_value(&t->now, i, 0).p;
    qsort(known, t->now.row_count, sizeof *known, by_text);
    free(t->known);
    table_release(&t->before);
    t->known = known;
    t->known_count = t->now.row_count;
    t->before = t->now;
    t->now = (struct table){0};
    if (t->before.row_count > 0)
        (void)snprintf(t->cursor, sizeof t->cursor, "%s",
                       table_value(&t->before, 0, 5).p);
    return 0;
}

static int
look(struct tail *t, struct error *e)
{
    char late[24], most[24];
    const char *const params[] = {t->project[0] == '\0' ? NULL : t->project, t->cursor,
                                  late, most};
    PGresult *r;

    num_format(TAIL_LATE_S, late);
    num_format(TAIL_EVENTS_MAX, most);
    if (db_run_params(t->db, admin_sql_tail, params, COUNT_OF(params), &r, e) != 0)
        return -1;
    t->now = (struct table){columns, TAIL_COLUMNS, (size_t)libpq.PQntuples(r), r};
    return 0;
}

/* A notification reaches the session that listens, and a lock lasts as long as it does.
 */
static int
need_session(struct tail *t, struct error *e)
{
    enum pooler pooler;

    if (pooler_look(t->db, &pooler, e) != 0)
        return -1;
    if (pooler != POOLER_TRANSACTION)
        return 0;
    error_set(e, ERROR_CONFIG,
              "this command needs a session of its own, and a pooler is in between");
    return error_detail(e, "set MESHER_DATABASE to a connection string that leads to "
                           "PostgreSQL itself, or to a pool in session mode");
}

/* Events present at the first query count as old.  A connection that sees the lock
 * sends a notification for everything that it stores afterwards. */
static int
begin(struct tail *t, struct error *e)
{
    PGresult *r;

    if (need_session(t, e) != 0)
        return -1;
    if (db_run_text(t->db, "SELECT clock_timestamp()", &r, e) != 0)
        return -1;
    (void)snprintf(t->cursor, sizeof t->cursor, "%s", libpq.PQgetvalue(r, 0, 0));
    libpq.PQclear(r);
    if (look(t, e) != 0 || remember(t, e) != 0)
        return -1;
    return db_run_text(t->db,
                       "LISTEN mesher_events;"
                       " SELECT pg_advisory_lock_shared(hashtext('mesher tail'), 0)",
                       NULL, e);
}

struct tail *
tail_new(struct db *d, const char *project, struct error *e)
{
    struct tail *t = calloc(1, sizeof *t);

    if (t == NULL) {
        (void)out_of_memory(e);
        return NULL;
    }
    t->db = d;
    if ((project != NULL && issue_ref_project(d, project, t->project, e) != 0) ||
        begin(t, e) != 0) {
        tail_free(t);
        return NULL;
    }
    t->settle_at_ms = clock_now_ms() + TAIL_SETTLE_MS;
    return t;
}

void
tail_free(struct tail *t)
{
    if (t == NULL)
        return;
    table_release(&t->now);
    table_release(&t->before);
    free(t->known);
    free(t);
}

int
tail_wait(struct tail *t, int64_t timeout_ms, struct error *e)
{
    int64_t left = t->settle_at_ms - clock_now_ms();

    if (io_wait(-1, 0,
                t->calm_at_ms - clock_now_ms() > 0 ? t->calm_at_ms - clock_now_ms() : 0) <
        0)
        return error_errno(e, "poll");
    if (!t->settled && timeout_ms > left)
        timeout_ms = left > 0 ? left : 0;
    if (db_wait_notice(t->db, timeout_ms, e) < 0)
        return -1;
    t->settled = t->settled || clock_now_ms() >= t->settle_at_ms;
    t->calm_at_ms = clock_now_ms() + CALM_MS;
    return 0;
}

int
tail_look(struct tail *t, const struct table **out, struct error *e)
{
    if (t->now.result != NULL && remember(t, e) != 0)
        return -1;
    if (look(t, e) != 0)
        return -1;
    *out = &t->now;
    return 0;
}

bool
tail_is_new(const struct tail *t, size_t row)
{
    const char *id = table_value(&t->now, row, 0).p;

    return bsearch(&id, t->known, t->known_count, sizeof *t->known, by_text) == NULL;
}
