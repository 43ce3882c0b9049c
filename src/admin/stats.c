#include "admin/stats.h"

#include "admin/issue_ref.h"
#include "base/buf.h"

static const struct table_column day_columns[] = {
    {"project", TABLE_NUMBER},  {"name", TABLE_TEXT},      {"day", TABLE_TEXT},
    {"accepted", TABLE_NUMBER}, {"refused", TABLE_NUMBER}, {"bytes", TABLE_NUMBER},
    {"outcomes", TABLE_JSON}};

static const struct table_column now_columns[FIGURES_COLUMNS] = {
    {"project", TABLE_NUMBER},    {"name", TABLE_TEXT},
    {"accepted", TABLE_NUMBER},   {"last_minute", TABLE_NUMBER},
    {"last_hour", TABLE_NUMBER},  {"refused_last_minute", TABLE_NUMBER},
    {"new_issues", TABLE_NUMBER}, {"unresolved_issues", TABLE_NUMBER}};

int
figures_days(struct db *d, const char *project, const char *days, struct table *out,
             struct error *e)
{
    char id[24];
    const char *const params[] = {project == NULL ? NULL : id, days};

    *out = (struct table){.columns = day_columns};
    if (project != NULL && issue_project(d, project, id, e) != 0)
        return -1;
    return table_run(
        d,
        "SELECT o.project_id, p.name, to_char(o.day, 'YYYY-MM-DD'), "
        "coalesce(sum(quantity)"
        "  FILTER (WHERE outcome = 'accepted'), 0)::bigint,"
        " coalesce(sum(quantity) FILTER (WHERE outcome NOT IN ('accepted', 'duplicate')"
        "  AND outcome NOT LIKE 'sdk:%'), 0)::bigint, sum(bytes)::bigint,"
        " coalesce(json_object_agg(outcome, quantity ORDER BY outcome)"
        "  FILTER (WHERE outcome <> 'accepted'), '{}')"
        " FROM (SELECT project_id, (minute AT TIME ZONE 'UTC')::date AS day, outcome,"
        "  sum(quantity)::bigint AS quantity, sum(bytes) AS bytes FROM outcomes"
        "  WHERE ($1::bigint IS NULL OR project_id = $1::bigint)"
        "  AND minute >= date_trunc('day', now(), 'UTC')"
        "   - ($2::int - 1) * interval '1 day' GROUP BY 1, 2, 3) o"
        " LEFT JOIN projects p ON p.id = o.project_id"
        " GROUP BY o.project_id, p.name, o.day ORDER BY o.day DESC, o.project_id",
        params, COUNT_OF(params), out, e);
}

int
figures_now(struct db *d, struct table *out, struct error *e)
{
    *out = (struct table){.columns = now_columns};
    return table_run(
        d,
        "SELECT p.id, p.name, coalesce(o.total, 0), coalesce(o.minute, 0),"
        " coalesce(o.hour, 0), coalesce(o.refused, 0),"
        " (SELECT count(*) FROM issues i WHERE i.project_id = p.id"
        "  AND i.first_seen > now() - interval '1 day'),"
        " (SELECT count(*) FROM issues i WHERE i.project_id = p.id"
        "  AND i.status = 'unresolved')"
        " FROM projects p LEFT JOIN (SELECT project_id,"
        "  sum(quantity) FILTER (WHERE outcome = 'accepted')::bigint AS total,"
        "  sum(quantity) FILTER (WHERE outcome = 'accepted' AND minute >="
        "   date_trunc('minute', now()) - interval '1 minute'"
        "   AND minute < date_trunc('minute', now()))::bigint AS minute,"
        "  sum(quantity) FILTER (WHERE outcome = 'accepted' AND minute >="
        "   date_trunc('minute', now()) - interval '60 minutes'"
        "   AND minute < date_trunc('minute', now()))::bigint AS hour,"
        "  sum(quantity) FILTER (WHERE outcome NOT IN ('accepted', 'duplicate')"
        "   AND outcome NOT LIKE 'sdk:%' AND minute >="
        "   date_trunc('minute', now()) - interval '1 minute'"
        "   AND minute < date_trunc('minute', now()))::bigint AS refused"
        "  FROM outcomes WHERE minute >= date_trunc('day', now(), 'UTC')"
        "   - interval '1 day' GROUP BY 1) o ON o.project_id = p.id"
        " ORDER BY 4 DESC, 5 DESC, 1",
        NULL, 0, out, e);
}
