#include "admin/projects.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "admin/sql.h"
#include "admit/origins.h"
#include "admit/scrubbing.h"
#include "base/buf.h"
#include "base/key.h"
#include "base/num.h"
#include "event/filter.h"

#define UNIQUE_VIOLATION "23505"
#define ID_TRIES 1000

/* The same limits as in its CHECK. */
#define BYTE_LIMIT_MAX 1099511627776

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
    {"scrub", TABLE_TEXT},
    {"scrub_ip", TABLE_TEXT},
    {"scrub_fields", TABLE_TEXT},
    {"safe_fields", TABLE_TEXT},
    {"byte_limit", TABLE_NUMBER},
    {"issue_limit", TABLE_NUMBER},
    {"issue_retention_days", TABLE_NUMBER},
    {"filters", TABLE_TEXT},
};

static const struct table_column key_columns[] = {
    {"project", TABLE_NUMBER},  {"key", TABLE_TEXT},        {"dsn", TABLE_TEXT},
    {"label", TABLE_TEXT},      {"created_at", TABLE_TIME}, {"revoked_at", TABLE_TIME},
    {"dsn_legacy", TABLE_TEXT},
};

/* A public URL split for a DSN: "https://" and "host/prefix". */
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
projects_list(const struct projects *c, const char *project, struct table *out,
              struct error *e)
{
    struct url url;
    const char *const params[] = {project, url.scheme, url.rest};

    cut_url(c->public_url, &url);
    *out = (struct table){.columns = project_columns};
    if (table_run(c->db, admin_sql_project_list, params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (project != NULL && out->row_count == 0) {
        table_release(out);
        return error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
    }
    return 0;
}

/* Runs a command that returns one row for each row that it changed. */
static int
change(const struct projects *c, const char *sql, const char *const params[],
       size_t count, int *rows, struct error *e)
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
projects_check_name(const char *name, struct error *e)
{
    size_t n = strlen(name);

    if (n == 0 || n > 64 || strspn(name, "0123456789") == n)
        return error_set(e, ERROR_MALFORMED,
                         "a project's name must have 1 to 64 bytes and not be a number");
    return 0;
}

static int
taken(struct error *e, const char *what)
{
    if (e->kind == ERROR_POISON && strcmp(e->sqlstate, UNIQUE_VIOLATION) == 0)
        return error_set(e, ERROR_POISON, "%.100s already exists", what);
    return -1;
}

/* Makes one attempt.  Returns 1 when the number is taken, and another one may be
 * free. */
static int
try_add_project(const struct projects *c, const char *const params[5], char out[24],
                struct error *e)
{
    PGresult *r;
    int taken_already;

    if (db_run_params(c->db, admin_sql_project_add, params, 5, &r, e) == 0) {
        (void)snprintf(out, 24, "%.23s", libpq.PQgetvalue(r, 0, 0));
        libpq.PQclear(r);
        return 0;
    }
    if (strcmp(e->sqlstate, UNIQUE_VIOLATION) != 0)
        return -1;
    if (db_run_params(c->db, admin_sql_project_taken, params, 2, &r, e) != 0)
        return -1;
    taken_already = libpq.PQntuples(r) > 0;
    libpq.PQclear(r);
    if (!taken_already)
        return 1;
    return error_set(e, ERROR_POISON, "project %.60s or its number already exists",
                     params[0]);
}

int
projects_add(const struct projects *c, const char *name, const char *id, char out[24],
             struct error *e)
{
    char limit[24], window[24], key[65];
    const char *const params[] = {name, id, limit, window, key};
    int64_t number;
    int rc = 1;

    if (projects_check_name(name, e) != 0 || make_key(key, e) != 0)
        return -1;
    if (id != NULL && num_parse(str_of(id), 1, INT64_MAX, &number) != 0)
        return error_set(e, ERROR_MALFORMED, "a project's number must be 1 or more");
    (void)snprintf(limit, sizeof limit, "%lld", (long long)c->rate_limit);
    (void)snprintf(window, sizeof window, "%lld", (long long)c->rate_window);
    /* An administrator may already have assigned the next number of the sequence. */
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

static int
check_switch(const char *name, const char *text, struct error *e)
{
    if (text == NULL || strcmp(text, "on") == 0 || strcmp(text, "off") == 0)
        return 0;
    return error_set(e, ERROR_MALFORMED, "%s must be on or off", name);
}

static int
check_settings(const struct project_settings *s, struct error *e)
{
    if ((s->name != NULL && projects_check_name(s->name, e) != 0) ||
        check_number("rate_limit", s->rate_limit, 0, 2147483647, e) != 0 ||
        check_number("rate_window", s->rate_window, 1, 86400, e) != 0 ||
        check_number("retention_days", s->retention_days, 1, 3650, e) != 0 ||
        check_number("byte_limit", s->byte_limit, 0, BYTE_LIMIT_MAX, e) != 0 ||
        check_number("issue_limit", s->issue_limit, 0, 1000000, e) != 0 ||
        check_number("issue_retention_days", s->issue_retention_days, 0, 3650, e) != 0 ||
        check_origins(s->origins, e) != 0 || check_switch("scrub", s->scrub, e) != 0 ||
        check_switch("scrub_ip", s->scrub_ip, e) != 0 ||
        scrubbing_check_list("scrub_fields", str_of(s->scrub_fields), e) != 0)
        return -1;
    if (s->filters != NULL && filter_check(str_of(s->filters), e) != 0)
        return -1;
    return scrubbing_check_list("safe_fields", str_of(s->safe_fields), e);
}

int
projects_set(const struct projects *c, const char *project,
             const struct project_settings *settings, struct error *e)
{
    const char *const params[] = {project,
                                  settings->name,
                                  settings->rate_limit,
                                  settings->rate_window,
                                  settings->origins,
                                  settings->retention_days,
                                  settings->scrub,
                                  settings->scrub_ip,
                                  settings->scrub_fields,
                                  settings->safe_fields,
                                  settings->byte_limit,
                                  settings->issue_limit,
                                  settings->issue_retention_days,
                                  settings->filters};
    int rows;

    if (check_settings(settings, e) != 0)
        return -1;
    if (change(c, admin_sql_project_set, params, COUNT_OF(params), &rows, e) != 0)
        return taken(e, settings->name == NULL ? "" : settings->name);
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

int
projects_remove(const struct projects *c, const char *project, struct error *e)
{
    const char *const params[] = {project};
    int rows;

    if (change(c, admin_sql_project_remove, params, 1, &rows, e) != 0)
        return -1;
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

int
projects_keys(const struct projects *c, const char *project, const char *key,
              struct table *out, struct error *e)
{
    struct url url;
    const char *const params[] = {project, url.scheme, url.rest, key};
    struct table one;

    if (project != NULL) { /* an empty list differs from a missing project */
        if (projects_list(c, project, &one, e) != 0)
            return -1;
        table_release(&one);
    }
    cut_url(c->public_url, &url);
    *out = (struct table){.columns = key_columns};
    return table_run(c->db, admin_sql_key_list, params, COUNT_OF(params), out, e);
}

int
projects_add_key(const struct projects *c, const char *project, const char *label,
                 const char *key, char made[65], struct error *e)
{
    const char *const params[] = {project, made, label == NULL ? "" : label};
    struct key checked;
    int rows;

    if (key == NULL && make_key(made, e) != 0)
        return -1;
    if (key != NULL) {
        if (key_parse(str_of(key), &checked) != 0 || strlen(key) < KEY_MIN_BYTES)
            return error_set(
                e, ERROR_MALFORMED,
                "a key must have 16 to 64 characters of 0-9, A-Z, a-z and _");
        (void)snprintf(made, 65, "%s", key);
    }
    if (change(c, admin_sql_key_add, params, COUNT_OF(params), &rows, e) != 0)
        return taken(e, "this key");
    return rows > 0 ? 0
                    : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}

int
projects_find_key(const struct projects *c, const char *text, char out[65],
                  struct error *e)
{
    const char *const params[] = {text};
    PGresult *r;
    int rows;

    if (db_run_params(c->db, admin_sql_key_find, params, 1, &r, e) != 0)
        return -1;
    rows = libpq.PQntuples(r);
    if (rows > 0)
        (void)snprintf(out, 65, "%s", libpq.PQgetvalue(r, 0, 0));
    libpq.PQclear(r);
    if (rows == 0)
        return error_set(e, ERROR_NOT_FOUND, "no such key");
    if (strcmp(out, text) != 0 && (rows > 1 || strlen(text) < PROJECTS_PREFIX_CHARS))
        return error_set(e, ERROR_MALFORMED,
                         "this part of a key is not enough: give %u or more characters "
                         "that no other key begins with",
                         PROJECTS_PREFIX_CHARS);
    return 0;
}

int
projects_revoke_key(const struct projects *c, const char *key, struct error *e)
{
    const char *const params[] = {key};
    int rows;

    if (change(c, admin_sql_key_revoke, params, 1, &rows, e) != 0)
        return -1;
    return rows > 0 ? 0 : error_set(e, ERROR_NOT_FOUND, "no such key");
}
