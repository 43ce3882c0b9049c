#include "admin/stats.h"

#include "admin/issue_ref.h"
#include "admin/sql.h"
#include "base/buf.h"

static const struct table_column client_columns[] = {{"reason", TABLE_TEXT},
                                                     {"category", TABLE_TEXT},
                                                     {"quantity", TABLE_NUMBER},
                                                     {"last_seen", TABLE_TEXT}};

static const struct table_column count_columns[] = {
    {"type", TABLE_TEXT}, {"quantity", TABLE_NUMBER}, {"last_hour", TABLE_TEXT}};

static const struct table_column day_columns[] = {
    {"project", TABLE_NUMBER},  {"name", TABLE_TEXT},      {"day", TABLE_TEXT},
    {"accepted", TABLE_NUMBER}, {"refused", TABLE_NUMBER}, {"bytes", TABLE_NUMBER},
    {"outcomes", TABLE_JSON}};

static const struct table_column now_columns[N_STATS_COLUMNS] = {
    {"project", TABLE_NUMBER},    {"name", TABLE_TEXT},
    {"accepted", TABLE_NUMBER},   {"last_minute", TABLE_NUMBER},
    {"last_hour", TABLE_NUMBER},  {"refused_last_minute", TABLE_NUMBER},
    {"new_issues", TABLE_NUMBER}, {"unresolved_issues", TABLE_NUMBER}};

int
stats_days(struct db *d, const char *project, const char *days, struct table *out,
           struct error *e)
{
    char id[24];
    const char *const params[] = {project == NULL ? NULL : id, days};

    *out = (struct table){.columns = day_columns};
    if (project != NULL && issue_ref_project(d, project, id, e) != 0)
        return -1;
    return table_run(d, admin_sql_stats_days, params, COUNT_OF(params), out, e);
}

int
stats_now(struct db *d, struct table *out, struct error *e)
{
    *out = (struct table){.columns = now_columns};
    return table_run(d, admin_sql_stats_now, NULL, 0, out, e);
}

int
stats_client_reports(struct db *d, const char *project, struct table *out,
                     struct error *e)
{
    const char *const params[] = {project};

    *out = (struct table){.columns = client_columns};
    return table_run(d, admin_sql_stats_client_reports, params, 1, out, e);
}

int
stats_item_counts(struct db *d, const char *project, struct table *out, struct error *e)
{
    const char *const params[] = {project};

    *out = (struct table){.columns = count_columns};
    return table_run(d, admin_sql_stats_item_counts, params, 1, out, e);
}
