#include "admin/attachments.h"

#include "base/ids.h"
#include "base/num.h"

#define MIN_HOUR TABLE_TIME("min(hour)")
#define MAX_HOUR TABLE_TIME("max(hour)")
#define MIN_RECEIVED_AT TABLE_TIME("min(received_at)")
#define RECEIVED_AT TABLE_TIME("received_at")
#define LAST_SEEN TABLE_TIME("last_seen")

#define PROJECT "(SELECT id FROM projects WHERE id::text = $1 OR name = $1)"

/* The estimate of sql/0002-sentry.sql; a full bitmap says only that they are many. */
#define USERS                                                            \
    "round(-16384 * ln((16384 - least(bit_count(bit_or(users)), 16383))" \
    " / 16384.0))::bigint"
#define SESSION_COLUMNS                                                             \
    "sum(total)::bigint, sum(crashed)::bigint, sum(errored)::bigint,"               \
    " sum(abnormal)::bigint, CASE WHEN sum(total) > 0 THEN"                         \
    "  round(1 - least(sum(crashed) / sum(total), 1), 6) END, " USERS ", " MIN_HOUR \
    ", " MAX_HOUR

static const struct table_column attachment_columns[] = {
    {"id", TABLE_TEXT},       {"project", TABLE_NUMBER},    {"event", TABLE_TEXT},
    {"filename", TABLE_TEXT}, {"content_type", TABLE_TEXT}, {"type", TABLE_TEXT},
    {"size", TABLE_NUMBER},   {"received_at", TABLE_TEXT}};

static const struct table_column report_columns[] = {
    {"id", TABLE_TEXT},         {"source", TABLE_TEXT},   {"name", TABLE_TEXT},
    {"email", TABLE_TEXT},      {"comments", TABLE_TEXT}, {"url", TABLE_TEXT},
    {"received_at", TABLE_TEXT}};

static const struct table_column release_columns[] = {
    {"release", TABLE_TEXT},    {"sessions", TABLE_NUMBER},
    {"crashed", TABLE_NUMBER},  {"errored", TABLE_NUMBER},
    {"abnormal", TABLE_NUMBER}, {"crash_free_rate", TABLE_NUMBER},
    {"users", TABLE_NUMBER},    {"first_seen", TABLE_TEXT},
    {"last_seen", TABLE_TEXT}};

static const struct table_column environment_columns[] = {
    {"environment", TABLE_TEXT}, {"sessions", TABLE_NUMBER},
    {"crashed", TABLE_NUMBER},   {"errored", TABLE_NUMBER},
    {"abnormal", TABLE_NUMBER},  {"crash_free_rate", TABLE_NUMBER},
    {"users", TABLE_NUMBER},     {"first_seen", TABLE_TEXT},
    {"last_seen", TABLE_TEXT}};

static const struct table_column client_columns[] = {{"reason", TABLE_TEXT},
                                                     {"category", TABLE_TEXT},
                                                     {"quantity", TABLE_NUMBER},
                                                     {"last_seen", TABLE_TEXT}};

static const struct table_column count_columns[] = {
    {"type", TABLE_TEXT}, {"quantity", TABLE_NUMBER}, {"last_hour", TABLE_TEXT}};

/* Is there such a project?  An empty list and no project are two things. */
static int
need_project(struct db *d, const char *project, struct error *e)
{
    const char *const params[] = {project};
    PGresult *r;
    int rows;

    if (db_run_params(d, "SELECT FROM projects WHERE id::text = $1 OR name = $1", params,
                      1, &r, e) != 0)
        return -1;
    rows = libpq.PQntuples(r);
    libpq.PQclear(r);
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

static int
need_id(const char *text, const char *what, struct error *e)
{
    struct uuid ignored;

    return ids_parse(str_of(text), &ignored) == 0
               ? 0
               : error_set(e, ERROR_MALFORMED, "not an id of an %s: %.60s", what, text);
}

int
beside_attachments(struct db *d, const char *event, const char *project,
                   const char *limit, struct table *out, struct error *e)
{
    const char *const params[] = {event, project, limit};

    *out = (struct table){.columns = attachment_columns};
    if ((event != NULL && need_id(event, "event", e) != 0) ||
        (project != NULL && need_project(d, project, e) != 0))
        return -1;
    return table_run(
        d,
        "SELECT id, project_id, event_id, filename, content_type, attachment_type,"
        " size, " MIN_RECEIVED_AT " FROM attachments"
        " WHERE ($1::uuid IS NULL OR event_id = $1::uuid)"
        " AND project_id IN (SELECT id FROM projects"
        "  WHERE $2::text IS NULL OR id::text = $2 OR name = $2)"
        " GROUP BY project_id, event_id, id, filename, content_type, attachment_type,"
        "  size, chunks HAVING count(*) = chunks"
        " ORDER BY min(received_at) DESC, filename, id LIMIT $3::bigint",
        params, COUNT_OF(params), out, e);
}

/* Finds the one attachment that is meant; its keys, as texts of row 0. */
static int
find_attachment(struct db *d, const char *const params[3], struct table *out,
                struct error *e)
{
    *out = (struct table){.columns = attachment_columns};
    if (table_run(d,
                  "SELECT project_id, event_id, id, chunks FROM attachments"
                  " WHERE ($1::uuid IS NULL OR event_id = $1::uuid)"
                  " AND (id::text = $2 OR replace(id::text, '-', '') = $2"
                  "  OR ($1 IS NOT NULL AND filename = $2))"
                  " AND project_id IN (SELECT id FROM projects"
                  "  WHERE $3::text IS NULL OR id::text = $3 OR name = $3)"
                  " GROUP BY project_id, event_id, id, chunks HAVING count(*) = chunks"
                  " ORDER BY min(received_at) DESC LIMIT 1",
                  params, 3, out, e) != 0)
        return -1;
    if (out->row_count == 1)
        return 0;
    table_release(out);
    return error_set(e, ERROR_NOT_FOUND, "no such attachment: %.100s", params[1]);
}

int
beside_attachment(struct db *d, const char *event, const char *name, const char *project,
                  struct buf *out, struct error *e)
{
    const char *const params[] = {event, name, project};
    struct table keys, one;
    int64_t chunks;
    int rc = 0;

    if (event == NULL ? need_id(name, "attachment", e) != 0
                      : need_id(event, "event", e) != 0)
        return -1;
    if (find_attachment(d, params, &keys, e) != 0)
        return -1;
    if (num_parse(table_value(&keys, 0, 3), 1, INT32_MAX, &chunks) != 0)
        chunks = 0;
    for (int64_t i = 0; rc == 0 && i < chunks; i++) {
        char number[24];
        const char *const of_chunk[] = {table_value(&keys, 0, 0).p,
                                        table_value(&keys, 0, 1).p,
                                        table_value(&keys, 0, 2).p, number};

        num_format(i, number);
        one = (struct table){.columns = attachment_columns};
        rc = table_run(d,
                       "SELECT data FROM attachments WHERE project_id = $1::bigint"
                       " AND event_id = $2::uuid AND id = $3::uuid AND chunk = $4::int",
                       of_chunk, COUNT_OF(of_chunk), &one, e);
        if (rc == 0 && one.row_count == 1)
            table_bytes(&one, 0, 0, out);
        table_release(&one);
    }
    table_release(&keys);
    return rc;
}

int
beside_reports(struct db *d, const char *event, const char *project, struct table *out,
               struct error *e)
{
    const char *const params[] = {event, project};

    *out = (struct table){.columns = report_columns};
    if (need_id(event, "event", e) != 0)
        return -1;
    return table_run(d,
                     "SELECT id, source, name, email, comments, url, " RECEIVED_AT
                     " FROM user_reports WHERE event_id = $1::uuid AND project_id IN"
                     " (SELECT id FROM projects"
                     "  WHERE $2::text IS NULL OR id::text = $2 OR name = $2)"
                     " ORDER BY received_at, id",
                     params, COUNT_OF(params), out, e);
}

int
beside_releases(struct db *d, const char *project, const char *limit, struct table *out,
                struct error *e)
{
    const char *const params[] = {project, limit};

    *out = (struct table){.columns = release_columns};
    if (need_project(d, project, e) != 0)
        return -1;
    return table_run(d,
                     "SELECT release, " SESSION_COLUMNS " FROM sessions"
                     " WHERE project_id = " PROJECT " GROUP BY release"
                     " ORDER BY max(hour) DESC, release LIMIT $2::bigint",
                     params, COUNT_OF(params), out, e);
}

int
beside_release(struct db *d, const char *project, const char *release, struct table *out,
               struct error *e)
{
    const char *const params[] = {project, release};

    *out = (struct table){.columns = environment_columns};
    if (need_project(d, project, e) != 0)
        return -1;
    /* The first row is of all environments together. */
    if (table_run(d,
                  "SELECT nullif(environment, ''), " SESSION_COLUMNS " FROM sessions"
                  " WHERE project_id = " PROJECT " AND release = $2"
                  " GROUP BY GROUPING SETS ((), (environment))"
                  " HAVING sum(total) IS NOT NULL"
                  " ORDER BY grouping(environment) DESC, environment",
                  params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (out->row_count > 0)
        return 0;
    table_release(out);
    return error_set(e, ERROR_NOT_FOUND, "no sessions of release %.100s", release);
}

int
beside_client_reports(struct db *d, const char *project, struct table *out,
                      struct error *e)
{
    const char *const params[] = {project};

    *out = (struct table){.columns = client_columns};
    return table_run(d,
                     "SELECT reason, category, quantity, " LAST_SEEN
                     " FROM client_reports"
                     " WHERE project_id = " PROJECT " ORDER BY reason, category",
                     params, 1, out, e);
}

int
beside_counts(struct db *d, const char *project, struct table *out, struct error *e)
{
    const char *const params[] = {project};

    *out = (struct table){.columns = count_columns};
    return table_run(d,
                     "SELECT type, sum(quantity)::bigint, " MAX_HOUR " FROM item_counts"
                     " WHERE project_id = " PROJECT " GROUP BY type ORDER BY type",
                     params, 1, out, e);
}
