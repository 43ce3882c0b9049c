#include "admin/projects.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "admit/origins.h"
#include "base/buf.h"
#include "base/key.h"
#include "base/num.h"

#define CREATED_AT TABLE_TIME("created_at")
#define REVOKED_AT TABLE_TIME("revoked_at")

#define UNIQUE_VIOLATION "23505"
#define ID_TRIES 1000

#define PROJECT_ID "(SELECT id FROM projects WHERE id::text = $1 OR name = $1)"

static const struct table_column project_columns[] = {
    {"id", TABLE_NUMBER},
    {"name", TABLE_TEXT},
    {"slug", TABLE_TEXT},
    {"rate_limit", TABLE_NUMBER},
    {"rate_window", TABLE_NUMBER},
    {"key", TABLE_TEXT},
    {"dsn", TABLE_TEXT},
    {"origins", TABLE_TEXT},
    {"retention_days", TABLE_NUMBER},
};

static const struct table_column key_columns[] = {
    {"project", TABLE_NUMBER}, {"key", TABLE_TEXT},        {"dsn", TABLE_TEXT},
    {"label", TABLE_TEXT},     {"created_at", TABLE_TEXT}, {"revoked_at", TABLE_TEXT},
};

/* A public URL cut for a DSN: "https://" and "host/prefix". */
struct url {
    char scheme[16], rest[1024];
};

static void
cut_url(const char *public_url, struct url *out)
{
    const char *at = strstr(public_url, "://");
    size_t n = at == NULL ? 0 : (size_t)(at - public_url) + 3, end;

    if (n == 0 || n >= sizeof out->scheme) {
        (void)snprintf(out->scheme, sizeof out->scheme, "http://");
        n = at == NULL ? 0 : n;
    } else {
        (void)memcpy(out->scheme, public_url, n);
        out->scheme[n] = '\0';
    }
    (void)snprintf(out->rest, sizeof out->rest, "%s", public_url + n);
    for (end = strlen(out->rest); end > 0 && out->rest[end - 1] == '/'; end--)
        out->rest[end - 1] = '\0';
}

int
catalog_projects(const struct catalog *c, const char *project, struct table *out,
                 struct error *e)
{
    struct url url;
    const char *const params[] = {project, url.scheme, url.rest};

    cut_url(c->public_url, &url);
    *out = (struct table){.columns = project_columns};
    if (table_run(
            c->db,
            "SELECT p.id, p.name, p.slug, p.rate_limit, p.rate_window, k.key_value,"
            " $2::text || k.key_value || '@' || $3::text || '/' || p.id, p.origins,"
            " p.retention_days"
            " FROM projects p LEFT JOIN LATERAL (SELECT key_value FROM api_keys"
            "  WHERE project_id = p.id AND revoked_at IS NULL"
            "  ORDER BY created_at, key_value LIMIT 1) k ON true"
            " WHERE $1::text IS NULL OR p.id::text = $1 OR p.name = $1 ORDER BY p.id",
            params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (project != NULL && out->row_count == 0) {
        table_release(out);
        return error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
    }
    return 0;
}

/* Runs a command that gives one row for what it changed. */
static int
change(const struct catalog *c, const char *sql, const char *const params[], size_t count,
       int *rows, struct error *e)
{
    PGresult *r;

    if (db_run_params(c->db, sql, params, count, &r, e) != 0)
        return -1;
    *rows = libpq.PQntuples(r);
    libpq.PQclear(r);
    return 0;
}

static int
make_key(char out[65], struct error *e)
{
    unsigned char bytes[24];
    size_t at = (size_t)snprintf(out, 65, "mshr_");

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return error_errno(e, "getrandom");
    for (size_t i = 0; i < sizeof bytes; i++)
        at += (size_t)snprintf(out + at, 65 - at, "%02x", bytes[i]);
    return 0;
}

int
catalog_check_name(const char *name, struct error *e)
{
    size_t n = strlen(name);

    if (n == 0 || n > 64 || strspn(name, "0123456789") == n)
        return error_set(e, ERROR_MALFORMED,
                         "a project's name has 1 to 64 bytes and is not a number");
    return 0;
}

static int
taken(struct error *e, const char *what)
{
    if (e->kind == ERROR_POISON && strcmp(e->sqlstate, UNIQUE_VIOLATION) == 0)
        return error_set(e, ERROR_POISON, "%.100s exists already", what);
    return -1;
}

/* One try.  1: the number is taken, and another one may be free. */
static int
try_add_project(const struct catalog *c, const char *const params[5], char out[24],
                struct error *e)
{
    PGresult *r;
    int taken_already;

    if (db_run_params(
            c->db,
            "WITH word AS (SELECT coalesce(nullif(left(trim('-' FROM "
            "upper(regexp_replace("
            "  $1, '[^0-9A-Za-z]+', '-', 'g'))), 16), ''), 'P') AS slug),"
            " made AS (INSERT INTO projects (id, name, slug, rate_limit, rate_window)"
            "  SELECT n.id, $1, CASE WHEN EXISTS (SELECT FROM projects p"
            "    WHERE p.slug = word.slug) THEN word.slug || '-' || n.id ELSE word.slug "
            "END,"
            "   $3::bigint, $4::int FROM word, (SELECT"
            "    coalesce($2::bigint, nextval('projects_id_seq')) AS id) n RETURNING id),"
            " keyed AS (INSERT INTO api_keys (project_id, key_value)"
            "  SELECT id, $5 FROM made) SELECT id FROM made",
            params, 5, &r, e) == 0) {
        (void)snprintf(out, 24, "%.23s", libpq.PQgetvalue(r, 0, 0));
        libpq.PQclear(r);
        return 0;
    }
    if (strcmp(e->sqlstate, UNIQUE_VIOLATION) != 0)
        return -1;
    if (db_run_params(c->db, "SELECT FROM projects WHERE name = $1 OR id = $2::bigint",
                      params, 2, &r, e) != 0)
        return -1;
    taken_already = libpq.PQntuples(r) > 0;
    libpq.PQclear(r);
    if (!taken_already)
        return 1;
    return error_set(e, ERROR_POISON, "project %.60s, or its number, exists already",
                     params[0]);
}

int
catalog_add_project(const struct catalog *c, const char *name, const char *id,
                    char out[24], struct error *e)
{
    char limit[24], window[24], key[65];
    const char *const params[] = {name, id, limit, window, key};
    int64_t number;
    int rc = 1;

    if (catalog_check_name(name, e) != 0 || make_key(key, e) != 0)
        return -1;
    if (id != NULL && num_parse(str_of(id), 1, INT64_MAX, &number) != 0)
        return error_set(e, ERROR_MALFORMED, "a project's number is 1 or more");
    (void)snprintf(limit, sizeof limit, "%lld", (long long)c->rate_limit);
    (void)snprintf(window, sizeof window, "%lld", (long long)c->rate_window);
    /* The next number of the sequence may have been given by hand before. */
    for (int i = 0; rc > 0 && i < ID_TRIES; i++)
        rc = try_add_project(c, params, out, e);
    return rc == 0 ? 0 : -1;
}

static int
check_number(const char *name, const char *text, int64_t min, int64_t max,
             struct error *e)
{
    int64_t n;

    if (text == NULL || num_parse(str_of(text), min, max, &n) == 0)
        return 0;
    return error_set(e, ERROR_MALFORMED, "%s must be %lld to %lld", name, (long long)min,
                     (long long)max);
}

static int
check_origins(const char *text, struct error *e)
{
    if (text == NULL || (text[0] != '\0' && strlen(text) <= ORIGINS_MAX_BYTES))
        return 0;
    return error_set(e, ERROR_MALFORMED, "origins must have 1 to %u bytes",
                     ORIGINS_MAX_BYTES);
}

int
catalog_set_project(const struct catalog *c, const char *project,
                    const struct catalog_settings *settings, struct error *e)
{
    const char *const params[] = {project,
                                  settings->name,
                                  settings->rate_limit,
                                  settings->rate_window,
                                  settings->origins,
                                  settings->retention_days};
    int rows;

    if ((settings->name != NULL && catalog_check_name(settings->name, e) != 0) ||
        check_number("rate_limit", settings->rate_limit, 0, 2147483647, e) != 0 ||
        check_number("rate_window", settings->rate_window, 1, 86400, e) != 0 ||
        check_number("retention_days", settings->retention_days, 1, 3650, e) != 0 ||
        check_origins(settings->origins, e) != 0)
        return -1;
    if (change(c,
               "UPDATE projects SET name = coalesce($2, name),"
               " rate_limit = coalesce($3::bigint, rate_limit),"
               " rate_window = coalesce($4::int, rate_window),"
               " origins = coalesce($5, origins),"
               " retention_days = coalesce($6::int, retention_days)"
               " WHERE id = " PROJECT_ID " RETURNING 1",
               params, COUNT_OF(params), &rows, e) != 0)
        return taken(e, settings->name == NULL ? "" : settings->name);
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

int
catalog_remove_project(const struct catalog *c, const char *project, struct error *e)
{
    const char *const params[] = {project};
    int rows;

    if (change(
            c,
            "WITH p AS (SELECT " PROJECT_ID " AS id),"
            " a AS (DELETE FROM api_keys WHERE project_id = (SELECT id FROM p)),"
            " b AS (DELETE FROM rate_windows WHERE abs(project_id) = (SELECT id FROM p)),"
            " g AS (DELETE FROM record_ids WHERE project_id = (SELECT id FROM p)),"
            " h AS (DELETE FROM attachments WHERE project_id = (SELECT id FROM p)),"
            " i AS (DELETE FROM user_reports WHERE project_id = (SELECT id FROM p)),"
            " j AS (DELETE FROM sessions WHERE project_id = (SELECT id FROM p)),"
            " k AS (DELETE FROM client_reports WHERE project_id = (SELECT id FROM p)),"
            " l AS (DELETE FROM item_counts WHERE project_id = (SELECT id FROM p)),"
            " m AS (DELETE FROM issue_hours WHERE project_id = (SELECT id FROM p)),"
            " n AS (DELETE FROM issue_users WHERE project_id = (SELECT id FROM p)),"
            " o AS (DELETE FROM issue_merges WHERE project_id = (SELECT id FROM p)),"
            " q AS (DELETE FROM issue_discards WHERE project_id = (SELECT id FROM p)),"
            " r AS (DELETE FROM issue_activity WHERE project_id = (SELECT id FROM p)),"
            " s AS (DELETE FROM releases WHERE project_id = (SELECT id FROM p)),"
            " t AS (DELETE FROM outcomes WHERE project_id = (SELECT id FROM p)),"
            " c AS (DELETE FROM event_ids WHERE project_id = (SELECT id FROM p)),"
            " d AS (DELETE FROM events WHERE project_id = (SELECT id FROM p)),"
            " f AS (DELETE FROM issues WHERE project_id = (SELECT id FROM p))"
            " DELETE FROM projects WHERE id = (SELECT id FROM p) RETURNING 1",
            params, 1, &rows, e) != 0)
        return -1;
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

int
catalog_keys(const struct catalog *c, const char *project, const char *key,
             struct table *out, struct error *e)
{
    struct url url;
    const char *const params[] = {project, url.scheme, url.rest, key};
    struct table one;

    if (project != NULL) { /* an empty list and no such project are two things */
        if (catalog_projects(c, project, &one, e) != 0)
            return -1;
        table_release(&one);
    }
    cut_url(c->public_url, &url);
    *out = (struct table){.columns = key_columns};
    return table_run(
        c->db,
        "SELECT project_id, key_value,"
        " $2::text || key_value || '@' || $3::text || '/' || project_id, label,"
        " " CREATED_AT ", " REVOKED_AT " FROM api_keys"
        " WHERE ($1::text IS NULL OR project_id = " PROJECT_ID ")"
        " AND ($4::text IS NULL OR key_value = $4)"
        " ORDER BY project_id, created_at, key_value",
        params, COUNT_OF(params), out, e);
}

int
catalog_add_key(const struct catalog *c, const char *project, const char *label,
                const char *key, char made[65], struct error *e)
{
    const char *const params[] = {project, made, label == NULL ? "" : label};
    struct key checked;
    int rows;

    if (key == NULL && make_key(made, e) != 0)
        return -1;
    if (key != NULL) {
        if (key_parse(str_of(key), &checked) != 0 || strlen(key) < KEY_MIN_BYTES)
            return error_set(e, ERROR_MALFORMED,
                             "a key has 16 to 64 characters of 0-9, A-Z, a-z and _");
        (void)snprintf(made, 65, "%s", key);
    }
    if (change(c,
               "INSERT INTO api_keys (project_id, key_value, label)"
               " SELECT id, $2, $3 FROM projects WHERE id = " PROJECT_ID " RETURNING 1",
               params, COUNT_OF(params), &rows, e) != 0)
        return taken(e, "this key");
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

int
catalog_revoke_key(const struct catalog *c, const char *key, struct error *e)
{
    const char *const params[] = {key};
    int rows;

    if (change(c,
               "UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())"
               " WHERE key_value = $1 RETURNING 1",
               params, 1, &rows, e) != 0)
        return -1;
    return rows > 0 ? 0 : error_set(e, ERROR_NOT_FOUND, "no such key");
}
