#include "admin/attachments.h"

#include "admin/issue_ref.h"
#include "admin/sql.h"
#include "base/ids.h"
#include "base/num.h"

static const struct table_column attachment_columns[] = {
    {"id", TABLE_TEXT},       {"project", TABLE_NUMBER},    {"event", TABLE_TEXT},
    {"filename", TABLE_TEXT}, {"content_type", TABLE_TEXT}, {"type", TABLE_TEXT},
    {"size", TABLE_NUMBER},   {"received_at", TABLE_TIME}};

static const struct table_column report_columns[] = {
    {"id", TABLE_TEXT},         {"source", TABLE_TEXT},   {"name", TABLE_TEXT},
    {"email", TABLE_TEXT},      {"comments", TABLE_TEXT}, {"url", TABLE_TEXT},
    {"received_at", TABLE_TIME}};

static int
need_id(const char *text, const char *what, struct error *e)
{
    struct uuid ignored;

    return ids_parse(str_of(text), &ignored) == 0
               ? 0
               : error_set(e, ERROR_MALFORMED, "not an id of an %s: %.60s", what, text);
}

int
attachments_list(struct db *d, const char *event, const char *project, const char *limit,
                 struct table *out, struct error *e)
{
    const char *const params[] = {event, project, limit};
    char id[24];

    *out = (struct table){.columns = attachment_columns};
    if ((event != NULL && need_id(event, "event", e) != 0) ||
        (project != NULL && issue_ref_project(d, project, id, e) != 0))
        return -1;
    return table_run(d, admin_sql_attachment_list, params, COUNT_OF(params), out, e);
}

/* Finds the one matching attachment; its keys are the texts of row 0. */
static int
find_attachment(struct db *d, const char *const params[3], struct table *out,
                struct error *e)
{
    *out = (struct table){.columns = attachment_columns};
    if (table_run(d, admin_sql_attachment_find, params, 3, out, e) != 0)
        return -1;
    if (out->row_count == 1)
        return 0;
    table_release(out);
    return error_set(e, ERROR_NOT_FOUND, "no such attachment: %.100s", params[1]);
}

int
attachments_read(struct db *d, const char *event, const char *name, const char *project,
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
        rc = table_run(d, admin_sql_attachment_chunk, of_chunk, COUNT_OF(of_chunk), &one,
                       e);
        if (rc == 0 && one.row_count == 1)
            table_bytes(&one, 0, 0, out);
        table_release(&one);
    }
    table_release(&keys);
    return rc;
}

int
attachments_user_reports(struct db *d, const char *event, const char *project,
                         struct table *out, struct error *e)
{
    const char *const params[] = {event, project};

    *out = (struct table){.columns = report_columns};
    if (need_id(event, "event", e) != 0)
        return -1;
    return table_run(d, admin_sql_user_report_list, params, COUNT_OF(params), out, e);
}
