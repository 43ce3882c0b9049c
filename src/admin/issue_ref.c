#include "admin/issue_ref.h"

#include <stdio.h>
#include <string.h>

#include "admin/sql.h"
#include "base/num.h"

#define NAME_MAX_BYTES 60U

static int
not_found(const char *name, struct error *e)
{
    return error_set(e, ERROR_NOT_FOUND, "no such issue: %.60s", name);
}

int
issue_ref_find_in(struct db *d, const char *project, const char *name,
                  struct issue_ref *out, struct error *e)
{
    const char *dash = strrchr(name, '-'), *number = dash == NULL ? name : dash + 1;
    char slug[NAME_MAX_BYTES + 1] = {0};
    const char *const params[] = {dash == NULL ? NULL : slug, number, project};
    int64_t ignored;
    PGresult *r;
    int found;

    if (strlen(name) > NAME_MAX_BYTES ||
        num_parse(str_of(number), 1, INT64_MAX, &ignored) != 0)
        return not_found(name, e);
    if (dash != NULL)
        (void)memcpy(slug, name, (size_t)(dash - name));
    if (db_run_params(d, admin_sql_issue_find, params, COUNT_OF(params), &r, e) != 0)
        return -1;
    found = libpq.PQntuples(r);
    if (found == 1) {
        (void)snprintf(out->project, sizeof out->project, "%s",
                       libpq.PQgetvalue(r, 0, 0));
        (void)snprintf(out->id, sizeof out->id, "%s", libpq.PQgetvalue(r, 0, 1));
        (void)snprintf(out->fingerprint, sizeof out->fingerprint, "%s",
                       libpq.PQgetvalue(r, 0, 2));
        (void)snprintf(out->name, sizeof out->name, "%s", libpq.PQgetvalue(r, 0, 3));
        (void)snprintf(out->asked, sizeof out->asked, "%s", libpq.PQgetvalue(r, 0, 4));
    }
    libpq.PQclear(r);
    if (found == 2)
        return error_set(e, ERROR_POISON,
                         "%s is an issue of several projects: use SLUG-%s", name, name);
    return found == 1 ? 0 : not_found(name, e);
}

int
issue_ref_find(struct db *d, const char *name, struct issue_ref *out, struct error *e)
{
    return issue_ref_find_in(d, NULL, name, out, e);
}

int
issue_ref_project(struct db *d, const char *project, char out[24], struct error *e)
{
    const char *const params[] = {project};
    PGresult *r;
    int found;

    if (db_run_params(d, admin_sql_project_id, params, 1, &r, e) != 0)
        return -1;
    found = libpq.PQntuples(r);
    if (found > 0)
        (void)snprintf(out, 24, "%.23s", libpq.PQgetvalue(r, 0, 0));
    libpq.PQclear(r);
    return found > 0 ? 0
                     : error_set(e, ERROR_NOT_FOUND, "no such project: %.100s", project);
}
