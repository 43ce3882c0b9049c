#include "admin/monitors.h"

#include "admin/issue_ref.h"
#include "admin/sql.h"
#include "admin/transaction.h"

static const struct table_column list_columns[] = {
    {"monitor", TABLE_TEXT},         {"environment", TABLE_TEXT},
    {"state", TABLE_TEXT},           {"schedule", TABLE_TEXT},
    {"last_checkin_at", TABLE_TIME}, {"expected_at", TABLE_TIME}};

static const struct table_column monitor_columns[] = {
    {"project", TABLE_NUMBER},
    {"monitor", TABLE_TEXT},
    {"schedule_type", TABLE_TEXT},
    {"schedule", TABLE_TEXT},
    {"unit", TABLE_TEXT},
    {"timezone", TABLE_TEXT},
    {"checkin_margin", TABLE_NUMBER},
    {"max_runtime", TABLE_NUMBER},
    {"failure_issue_threshold", TABLE_NUMBER},
    {"recovery_threshold", TABLE_NUMBER},
    {"created_at", TABLE_TIME}};

static const struct table_column environment_columns[] = {
    {"environment", TABLE_TEXT}, {"state", TABLE_TEXT},
    {"failing", TABLE_JSON},     {"last_checkin_at", TABLE_TIME},
    {"expected_at", TABLE_TIME}, {"problem", TABLE_TEXT}};

static const struct table_column checkin_columns[] = {
    {"id", TABLE_TEXT},         {"environment", TABLE_TEXT}, {"status", TABLE_TEXT},
    {"started_at", TABLE_TIME}, {"duration", TABLE_NUMBER},  {"event", TABLE_TEXT}};

int
monitors_list(struct db *d, const char *project, struct table *out, struct error *e)
{
    char id[24];
    const char *const params[] = {id};

    *out = (struct table){.columns = list_columns};
    if (issue_ref_project(d, project, id, e) != 0)
        return -1;
    return table_run(d, admin_sql_monitor_list, params, COUNT_OF(params), out, e);
}

static int
no_monitor(const char *slug, struct error *e)
{
    return error_set(e, ERROR_NOT_FOUND, "no such monitor: %.128s", slug);
}

int
monitors_read(struct db *d, const char *project, const char *slug, const char *limit,
              struct monitors_one *out, struct error *e)
{
    char id[24];
    const char *const params[] = {id, slug, limit};

    *out = (struct monitors_one){.monitor = {.columns = monitor_columns},
                                 .environments = {.columns = environment_columns},
                                 .checkins = {.columns = checkin_columns}};
    if (issue_ref_project(d, project, id, e) != 0 ||
        table_run(d, admin_sql_monitor_one, params, 2, &out->monitor, e) != 0)
        return -1;
    if (out->monitor.row_count > 0 &&
        table_run(d, admin_sql_monitor_environments, params, 2, &out->environments, e) ==
            0 &&
        table_run(d, admin_sql_monitor_checkins, params, 3, &out->checkins, e) == 0)
        return 0;
    if (out->monitor.row_count == 0)
        (void)no_monitor(slug, e);
    monitors_release(out);
    return -1;
}

void
monitors_release(struct monitors_one *m)
{
    table_release(&m->monitor);
    table_release(&m->environments);
    table_release(&m->checkins);
}

struct victim {
    const char *project, *slug;
    int64_t rows;
};

static int
delete_one(struct db *d, void *context, struct error *e)
{
    struct victim *v = context;
    const char *const params[] = {v->project, v->slug};
    PGresult *r;

    if (db_run_params(d, admin_sql_monitor_delete, params, COUNT_OF(params), &r, e) != 0)
        return -1;
    v->rows = libpq.PQntuples(r);
    libpq.PQclear(r);
    return 0;
}

int
monitors_delete(struct db *d, const char *project, const char *slug, struct error *e)
{
    char id[24];
    struct victim v = {.project = id, .slug = slug};

    if (issue_ref_project(d, project, id, e) != 0 ||
        transaction_run(d, delete_one, &v, e) != 0)
        return -1;
    return v.rows > 0 ? 0 : no_monitor(slug, e);
}
