#include "admin/releases.h"

#include "admin/issue_ref.h"
#include "admin/sql.h"

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

int
releases_list(struct db *d, const char *project, const char *limit, struct table *out,
              struct error *e)
{
    const char *const params[] = {project, limit};
    char id[24];

    *out = (struct table){.columns = release_columns};
    if (issue_ref_project(d, project, id, e) != 0)
        return -1;
    return table_run(d, admin_sql_release_list, params, COUNT_OF(params), out, e);
}

int
releases_one(struct db *d, const char *project, const char *release, struct table *out,
             struct error *e)
{
    const char *const params[] = {project, release};
    char id[24];

    *out = (struct table){.columns = environment_columns};
    if (issue_ref_project(d, project, id, e) != 0)
        return -1;
    /* The first row is for all environments together. */
    if (table_run(d, admin_sql_release_one, params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (out->row_count > 0)
        return 0;
    table_release(out);
    return error_set(e, ERROR_NOT_FOUND, "no sessions of release %.100s", release);
}
