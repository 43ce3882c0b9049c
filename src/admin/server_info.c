#include "admin/server_info.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "admin/sql.h"
#include "admin/table.h"
#include "base/clock.h"
#include "base/num.h"

/* Below 2^53, so that every JSON parser keeps it exactly. */
#define FIRST_ID INT64_C(9007000000000000)
#define IDS UINT32_C(1000000000)

static int64_t
number(const PGresult *r, int column)
{
    int64_t n = -1;

    (void)!num_parse(db_get_str(r, 0, column), INT64_MIN, INT64_MAX, &n);
    return n;
}

int
server_info_server(struct db *d, struct server_info_server *out, struct error *e)
{
    int64_t began_us;
    PGresult *r;

    /* Connect first, so that the time of the query below does not include it. */
    if (db_run(d, STATEMENT_PING, NULL, 0, NULL, e) != 0)
        return -1;
    began_us = clock_wall_us();
    if (db_run_params(d, admin_sql_server_info, NULL, 0, &r, e) != 0)
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

static int
read_setting(struct db *d, const char *name, struct server_info_setting *out,
             struct error *e)
{
    const char *const params[] = {name};
    PGresult *r;

    *out = (struct server_info_setting){.value = ""};
    if (db_run_params(d, admin_sql_server_setting, params, 1, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0) {
        str_copy(db_get_str(r, 0, 0), out->value, sizeof out->value);
        str_copy(db_get_str(r, 0, 1), out->source, sizeof out->source);
        str_copy(db_get_str(r, 0, 2), out->file, sizeof out->file);
    }
    libpq.PQclear(r);
    return 0;
}

int
server_info_setting(struct db *d, const char *name, struct server_info_setting *out,
                    struct error *e)
{
    struct error ignored;
    char text[128];
    int rc = read_setting(d, name, out, e);

    out->ours = rc == 0 && strcmp(out->source, "session") == 0;
    if (!out->ours)
        return rc;
    /* We have set it (store/session.h); without that, it would be this. */
    (void)snprintf(text, sizeof text, "BEGIN; SET LOCAL %s TO DEFAULT", name);
    rc = db_run_text(d, text, NULL, e);
    if (rc == 0)
        rc = read_setting(d, name, out, e);
    out->ours = true;
    if (db_is_connected(d))
        (void)!db_run_text(d, "ROLLBACK", NULL, &ignored);
    return rc;
}

int
server_info_owner(struct db *d, struct server_info_owner *out, struct error *e)
{
    PGresult *r;

    *out = (struct server_info_owner){.owner = ""};
    if (db_run_params(d, admin_sql_server_owner, NULL, 0, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0) {
        str_copy(db_get_str(r, 0, 0), out->owner, sizeof out->owner);
        str_copy(db_get_str(r, 0, 1), out->schema, sizeof out->schema);
        out->acts = number(r, 2) == 1;
        out->partitions = number(r, 3) == 1;
    }
    libpq.PQclear(r);
    return 0;
}

static int
remove_left_behind(const struct projects *c, struct error *e)
{
    PGresult *r;
    int rc = 0;

    if (db_run_params(c->db, admin_sql_server_test_projects, NULL, 0, &r, e) != 0)
        return -1;
    for (int i = 0; rc == 0 && i < libpq.PQntuples(r); i++)
        rc = projects_remove(c, libpq.PQgetvalue(r, i, 0), e);
    libpq.PQclear(r);
    return rc;
}

int
server_info_project_begin(const struct projects *c, struct server_info_project *out,
                          struct error *e)
{
    char name[64], id[24];
    uint32_t random;
    struct table t;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(e, "getrandom");
    num_format(FIRST_ID + random % IDS, id);
    (void)snprintf(name, sizeof name, SERVER_INFO_PROJECT "%s", id);
    if (remove_left_behind(c, e) != 0 || projects_add(c, name, id, out->id, e) != 0 ||
        projects_list(c, id, &t, e) != 0)
        return -1;
    str_copy(table_value(&t, 0, 5), out->key, sizeof out->key);
    table_release(&t);
    return 0;
}

int
server_info_project_end(const struct projects *c, const struct server_info_project *p,
                        struct error *e)
{
    return projects_remove(c, p->id, e);
}

int
server_info_event(struct db *d, const char *project, const char *id, bool *found,
                  char issue[64], struct error *e)
{
    const char *const params[] = {project, id};
    PGresult *r;

    if (db_run_params(d, admin_sql_server_test_event, params, 2, &r, e) != 0)
        return -1;
    *found = libpq.PQntuples(r) > 0;
    if (*found)
        str_copy(db_get_str(r, 0, 0), issue, 64);
    libpq.PQclear(r);
    return 0;
}
