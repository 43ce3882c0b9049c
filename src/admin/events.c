#include "admin/events.h"

#include <stdio.h>
#include <string.h>

#include "base/ids.h"
#include "base/limits.h"
#include "base/num.h"
#include "wire/pack.h"

#define TIMESTAMP TABLE_TIME("e.timestamp")
#define RECEIVED_AT TABLE_TIME("e.received_at")

#define PAYLOAD_MAX_BYTES (256 * LIMIT_MIB)
#define EVENT_COLUMNS                                                               \
    "e.id, e.project_id, p.slug || '-' || e.issue_id, e.level, e.message, e.title," \
    " e.culprit, e.transaction, " TIMESTAMP ", " RECEIVED_AT ","                    \
    " e.environment, e.release, e.platform, e.server_name, e.user_id,"              \
    " coalesce(e.tags, '{}'), e.type, e.value, coalesce(e.errors, '[]')"

#define KEPT "e.payload, encode(e.fingerprint, 'hex')"

static const struct table_column event_columns[] = {
    {"id", TABLE_TEXT},          {"project", TABLE_NUMBER},
    {"issue", TABLE_TEXT},       {"level", TABLE_TEXT},
    {"message", TABLE_TEXT},     {"title", TABLE_TEXT},
    {"culprit", TABLE_TEXT},     {"transaction", TABLE_TEXT},
    {"timestamp", TABLE_TEXT},   {"received_at", TABLE_TEXT},
    {"environment", TABLE_TEXT}, {"release", TABLE_TEXT},
    {"platform", TABLE_TEXT},    {"server_name", TABLE_TEXT},
    {"user", TABLE_TEXT},        {"tags", TABLE_JSON},
    {"type", TABLE_TEXT},        {"value", TABLE_TEXT},
    {"errors", TABLE_JSON},      {"payload", TABLE_TEXT},
    {"fingerprint", TABLE_TEXT}};

/* The number of a project, or of its issue, as text for the next statement. */
static int
find_number(struct db *d, const char *sql, const char *const params[], size_t count,
            char out[24], struct error *e)
{
    PGresult *r;
    int found;

    if (db_run_params(d, sql, params, count, &r, e) != 0)
        return -1;
    found = libpq.PQntuples(r);
    if (found > 0)
        (void)snprintf(out, 24, "%.23s", libpq.PQgetvalue(r, 0, 0));
    libpq.PQclear(r);
    if (found > 0)
        return 0;
    return error_set(e, ERROR_NOT_FOUND,
                     count == 1 ? "no such project: %.100s" : "no such issue: %.100s",
                     params[count - 1]);
}

int
browse_events(struct db *d, const char *project, const char *issue, const char *limit,
              struct table *out, struct error *e)
{
    char project_id[24], issue_id[24];
    const char *const of_project[] = {project}, *const of_issue[] = {project_id, issue};
    const char *const params[] = {project_id, issue == NULL ? NULL : issue_id, limit};

    if (find_number(d, "SELECT id FROM projects WHERE id::text = $1 OR name = $1",
                    of_project, 1, project_id, e) != 0)
        return -1;
    if (issue != NULL &&
        find_number(d,
                    "SELECT i.id FROM issues i JOIN projects p ON p.id = i.project_id"
                    " WHERE i.project_id = $1::bigint"
                    " AND $2 IN (i.id::text, p.slug || '-' || i.id)",
                    of_issue, 2, issue_id, e) != 0)
        return -1;
    *out = (struct table){.columns = event_columns};
    return table_run(d,
                     issue == NULL
                         ? "SELECT " EVENT_COLUMNS " FROM events e JOIN projects p"
                           " ON p.id = e.project_id WHERE e.project_id = $1::bigint"
                           " AND $2::bigint IS NULL"
                           " ORDER BY e.received_at DESC LIMIT $3::bigint"
                         : "SELECT " EVENT_COLUMNS " FROM events e JOIN projects p"
                           " ON p.id = e.project_id WHERE e.project_id = $1::bigint"
                           " AND e.issue_id = $2::bigint"
                           " ORDER BY e.received_at DESC LIMIT $3::bigint",
                     params, COUNT_OF(params), out, e);
}

static int
name_projects(const struct table *t, const char *id, struct error *e)
{
    struct buf names = buf_init(LIMIT_KIB);

    for (size_t i = 0; i < t->row_count; i++) {
        buf_add_text(&names, i == 0 ? "" : ", ");
        buf_add_str(&names, table_value(t, i, 1));
    }
    buf_add_char(&names, '\0');
    error_set(e, ERROR_POISON, "%.36s is in several projects: %s", id, names.data);
    buf_release(&names);
    return -1;
}

int
browse_event(struct db *d, const char *id, const char *project, struct table *out,
             struct error *e)
{
    const char *const params[] = {id, project};
    struct uuid checked;

    if (ids_parse(str_of(id), &checked) != 0)
        return error_set(e, ERROR_MALFORMED, "not an event id: %.60s", id);
    /* An id may stand in one project twice when it was sent again after a day: the newest
     * counts. */
    *out = (struct table){.columns = event_columns};
    if (table_run(d,
                  "SELECT DISTINCT ON (e.project_id) " EVENT_COLUMNS ", " KEPT
                  " FROM events e"
                  " JOIN projects p ON p.id = e.project_id WHERE e.id = $1::uuid"
                  " AND e.project_id IN (SELECT id FROM projects)"
                  " AND ($2::text IS NULL OR p.id::text = $2 OR p.name = $2)"
                  " ORDER BY e.project_id, e.received_at DESC LIMIT 5",
                  params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (out->row_count == 1)
        return 0;
    if (out->row_count == 0)
        error_set(e, ERROR_NOT_FOUND, "no such event: %.36s", id);
    else
        name_projects(out, id, e);
    table_release(out);
    return -1;
}

int
browse_latest(struct db *d, const char *project_id, const char *issue_id,
              struct table *out, struct error *e)
{
    const char *const params[] = {project_id, issue_id};

    *out = (struct table){.columns = event_columns};
    return table_run(d,
                     "SELECT " EVENT_COLUMNS ", " KEPT " FROM events e"
                     " JOIN projects p ON p.id = e.project_id"
                     " WHERE e.project_id = $1::bigint AND e.issue_id = $2::bigint"
                     " ORDER BY e.received_at DESC LIMIT 1",
                     params, COUNT_OF(params), out, e);
}

int
browse_payload(const struct table *t, struct buf *out, struct error *e)
{
    struct buf packed = buf_init(PAYLOAD_MAX_BYTES);
    int rc;

    table_bytes(t, 0, BROWSE_COLUMNS, &packed);
    rc = packed.failed ? -1 : pack_open(buf_str(&packed), PAYLOAD_MAX_BYTES, out);
    buf_release(&packed);
    return rc == 0 ? 0 : error_set(e, ERROR_SYSTEM, "the stored payload is damaged");
}
