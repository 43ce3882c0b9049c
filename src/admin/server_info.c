#include "admin/server_info.h"

#include <stdio.h>
#include <sys/random.h>

#include "admin/table.h"
#include "base/clock.h"
#include "base/num.h"

/* Below 2^53, so that every reader of JSON keeps it exactly. */
#define FIRST_ID INT64_C(9007000000000000)
#define IDS UINT32_C(1000000000)

/* One that is older was left behind: a checkup takes a few minutes at most. */
#define LEFT_BEHIND "'15 minutes'"

static int64_t
number(const PGresult *r, int column)
{
    int64_t n = -1;

    (void)!num_parse(db_get_str(r, 0, column), INT64_MIN, INT64_MAX, &n);
    return n;
}

int
checkup_server(struct db *d, struct checkup_server *out, struct error *e)
{
    int64_t began_us;
    PGresult *r;

    /* So that the question below costs no connecting. */
    if (db_run(d, STATEMENT_PING, NULL, 0, NULL, e) != 0)
        return -1;
    began_us = clock_wall_us();
    if (db_run_params(
            d,
            "SELECT current_setting('server_version_num'),"
            " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,"
            " least(current_setting('max_connections')::int"
            "   - current_setting('superuser_reserved_connections')::int,"
            "  nullif(r.rolconnlimit, -1), nullif(b.datconnlimit, -1)),"
            " pg_is_in_recovery()::int, b.datname, r.rolname"
            " FROM pg_roles r, pg_database b"
            " WHERE r.rolname = current_user AND b.datname = current_database()",
            NULL, 0, &r, e) != 0)
        return -1;
    out->asked_us = began_us + (clock_wall_us() - began_us) / 2;
    out->version = number(r, 0);
    out->clock_us = number(r, 1);
    out->connections = number(r, 2);
    out->standby = number(r, 3) == 1;
    str_copy(db_get_str(r, 0, 4), out->database, sizeof out->database);
    str_copy(db_get_str(r, 0, 5), out->role, sizeof out->role);
    libpq.PQclear(r);
    return 0;
}

int
checkup_setting(struct db *d, const char *name, struct checkup_setting *out,
                struct error *e)
{
    const char *const params[] = {name};
    PGresult *r;

    *out = (struct checkup_setting){.value = ""};
    if (db_run_params(d, "SELECT setting, source FROM pg_settings WHERE name = $1",
                      params, 1, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0) {
        str_copy(db_get_str(r, 0, 0), out->value, sizeof out->value);
        str_copy(db_get_str(r, 0, 1), out->source, sizeof out->source);
    }
    libpq.PQclear(r);
    return 0;
}

static int
remove_left_behind(const struct catalog *c, struct error *e)
{
    PGresult *r;
    int rc = 0;

    if (db_run_params(c->db,
                      "SELECT id FROM projects WHERE name LIKE '" CHECKUP_PROJECT "%'"
                      " AND created_at < now() - interval " LEFT_BEHIND,
                      NULL, 0, &r, e) != 0)
        return -1;
    for (int i = 0; rc == 0 && i < libpq.PQntuples(r); i++)
        rc = catalog_remove_project(c, libpq.PQgetvalue(r, i, 0), e);
    libpq.PQclear(r);
    return rc;
}

int
checkup_project_begin(const struct catalog *c, struct checkup_project *out,
                      struct error *e)
{
    char name[64], id[24];
    uint32_t random;
    struct table t;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(e, "getrandom");
    num_format(FIRST_ID + random % IDS, id);
    (void)snprintf(name, sizeof name, CHECKUP_PROJECT "%s", id);
    if (remove_left_behind(c, e) != 0 ||
        catalog_add_project(c, name, id, out->id, e) != 0 ||
        catalog_projects(c, id, &t, e) != 0)
        return -1;
    str_copy(table_value(&t, 0, 5), out->key, sizeof out->key);
    table_release(&t);
    return 0;
}

int
checkup_project_end(const struct catalog *c, const struct checkup_project *p,
                    struct error *e)
{
    return catalog_remove_project(c, p->id, e);
}

int
checkup_event(struct db *d, const char *project, const char *id, bool *found,
              char issue[64], struct error *e)
{
    const char *const params[] = {project, id};
    PGresult *r;

    if (db_run_params(d,
                      "SELECT p.slug || '-' || e.issue_id FROM events e"
                      " JOIN projects p ON p.id = e.project_id"
                      " WHERE e.project_id = $1::bigint AND e.id = $2::uuid"
                      " AND e.received_at > now() - interval '1 day'",
                      params, 2, &r, e) != 0)
        return -1;
    *found = libpq.PQntuples(r) > 0;
    if (*found)
        str_copy(db_get_str(r, 0, 0), issue, 64);
    libpq.PQclear(r);
    return 0;
}
