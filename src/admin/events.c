#include "admin/events.h"

#include <stdio.h>
#include <string.h>

#include "admin/issue_ref.h"
#include "admin/sql.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/num.h"
#include "wire/pack.h"

#define PAYLOAD_MAX_BYTES (256 * LIMIT_MIB)

/* The columns in the order of :event_shown, and the extra ones of statements for a
 * single event. */
#define SHOW_UUID(shown) \
    {shown, TABLE_TEXT}, {"project", TABLE_NUMBER}, {"issue", TABLE_TEXT},
#define SHOW_TIME(shown) {shown, TABLE_TEXT},
#define SHOW_TEXT(shown) {shown, TABLE_TEXT},
#define SHOW_OBJECT(shown) {shown, TABLE_JSON},
#define SHOW_LIST(shown) {shown, TABLE_JSON},
#define SHOW_PAYLOAD(shown)
#define SHOW_BYTES(shown)
#define SHOW(number, NAME, column, kind, null, array, limit, reader, shown) \
    SHOW_##kind(shown)

static const struct table_column event_columns[] = {
    EVENT_COLUMNS(SHOW){"payload", TABLE_TEXT}, {"fingerprint", TABLE_TEXT}};

int
events_list(struct db *d, const char *project, const char *issue, const char *limit,
            struct table *out, struct error *e)
{
    char project_id[24];
    struct issue_ref found;
    const char *const params[] = {project_id, issue == NULL ? NULL : found.id, limit};

    if (issue_ref_project(d, project, project_id, e) != 0)
        return -1;
    if (issue != NULL && issue_ref_find_in(d, project_id, issue, &found, e) != 0)
        return -1;
    *out = (struct table){.columns = event_columns};
    return table_run(d,
                     issue == NULL ? admin_sql_event_list : admin_sql_event_list_of_issue,
                     params, COUNT_OF(params), out, e);
}

static int
name_projects(const struct table *t, const char *id, struct error *e)
{
    struct buf names = buf_init(LIMIT_KIB);

    for (size_t i = 0; i < t->row_count; i++) {
        buf_add_text(&names, i == 0 ? "" : ", ");
        buf_add_str(&names, table_value(t, i, 1));
    }
    error_set(e, ERROR_POISON, "%.36s is in several projects: %s", id, buf_text(&names));
    buf_release(&names);
    return -1;
}

int
events_one(struct db *d, const char *id, const char *project, struct table *out,
           struct error *e)
{
    const char *const params[] = {id, project};
    struct uuid checked;

    if (ids_parse(str_of(id), &checked) != 0)
        return error_set(e, ERROR_MALFORMED, "not an event id: %.60s", id);
    *out = (struct table){.columns = event_columns};
    if (table_run(d, admin_sql_event_one, params, COUNT_OF(params), out, e) != 0)
        return -1;
    if (out->row_count == 1)
        return 0;
    if (out->row_count == 0)
        error_set(e, ERROR_NOT_FOUND, "no such event: %.36s", id);
    else
        name_projects(out, id, e);
    table_release(out);
    return -1;
}

int
events_latest(struct db *d, const char *project_id, const char *issue_id,
              struct table *out, struct error *e)
{
    const char *const params[] = {project_id, issue_id};

    *out = (struct table){.columns = event_columns};
    return table_run(d, admin_sql_event_latest, params, COUNT_OF(params), out, e);
}

static int
unpack(const struct table *t, size_t row, size_t column, struct buf *out, struct error *e)
{
    struct buf packed = buf_init(PAYLOAD_MAX_BYTES);
    int rc;

    table_bytes(t, row, column, &packed);
    rc = packed.failed ? -1 : pack_open(buf_str(&packed), PAYLOAD_MAX_BYTES, out);
    buf_release(&packed);
    return rc == 0 ? 0 : error_set(e, ERROR_SYSTEM, "the stored payload is damaged");
}

int
events_payload(const struct table *t, struct buf *out, struct error *e)
{
    return unpack(t, 0, EVENTS_PACKED, out, e);
}

int
events_page(struct db *d, const struct events_page *page, struct table *out,
            struct error *e)
{
    static const struct table_column columns[] = {
        {"id", TABLE_TEXT},      {"received_at", TABLE_TEXT},
        {"issue", TABLE_TEXT},   {"fingerprint", TABLE_TEXT},
        {"message", TABLE_TEXT}, {"payload", TABLE_TEXT}};
    const char *const params[] = {page->project, page->before,
                                  page->before == NULL ? NULL : page->before_id,
                                  page->since, page->limit};

    *out = (struct table){.columns = columns};
    return table_run(d, admin_sql_event_page, params, COUNT_OF(params), out, e);
}

int
events_page_payload(const struct table *t, size_t row, struct buf *out, struct error *e)
{
    return unpack(t, row, EVENTS_PAGE_PACKED, out, e);
}
