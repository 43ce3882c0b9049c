/* mesherctl event … */
#include "admin/attachments.h"
#include "admin/events.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "cmd/ctl.h"

#define LIMIT_DEFAULT "50"
#define LIMIT_MAX 100000
#define LIMIT_ALL "100000"

const char *
ctl_limit(const struct ctl *c, struct error *e)
{
    const char *limit = c->option.limit == NULL ? LIMIT_DEFAULT : c->option.limit;
    int64_t n;

    if (num_parse(str_of(limit), 1, LIMIT_MAX, &n) == 0)
        return limit;
    (void)error_set(e, ERROR_MALFORMED, "--limit must be 1 to %d", LIMIT_MAX);
    return NULL;
}

int
ctl_event_list(struct ctl *c, struct error *e)
{
    /* What fits a screen: time, id, level, issue, title, culprit. */
    static const size_t brief[] = {9, 0, 3, 2, 5, 6};
    const char *limit = ctl_limit(c, e);
    struct table t;

    if (c->words != 1)
        return ctl_usage(e);
    if (limit == NULL)
        return -1;
    if (browse_events(c->db, c->word[0], c->option.issue, limit, &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, BROWSE_COLUMNS);
    for (size_t i = 0; !c->json && i < t.row_count; i++)
        for (size_t j = 0; j < COUNT_OF(brief); j++) {
            ctl_clean(&c->out, table_value(&t, i, brief[j]));
            buf_add_text(&c->out, j + 1 == COUNT_OF(brief) ? "\n" : "  ");
        }
    table_release(&t);
    return 0;
}

/* What users wrote about the event, and the files that came with it. */
struct company {
    struct table reports, attachments;
};

static int
find_company(struct ctl *c, const struct table *event, struct company *out,
             struct error *e)
{
    const char *id = table_value(event, 0, 0).p, *project = table_value(event, 0, 1).p;

    *out = (struct company){{0}, {0}};
    if (beside_reports(c->db, id, project, &out->reports, e) == 0 &&
        beside_attachments(c->db, id, project, LIMIT_ALL, &out->attachments, e) == 0)
        return 0;
    table_release(&out->reports);
    return -1;
}

static void
print_json(struct ctl *c, const struct table *event, const struct company *with)
{
    const struct {
        const char *name;
        const struct table *t;
    } lists[] = {{"user_reports", &with->reports}, {"attachments", &with->attachments}};

    buf_add_char(&c->out, '{');
    ctl_json_members(&c->out, event, 0, 0, BROWSE_COLUMNS);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        jsonout_name(&c->out, lists[i].name);
        buf_add_char(&c->out, '[');
        for (size_t j = 0; j < lists[i].t->row_count; j++) {
            if (j > 0)
                buf_add_char(&c->out, ',');
            ctl_json_row(&c->out, lists[i].t, j, lists[i].t->column_count);
        }
        buf_add_char(&c->out, ']');
    }
    buf_add_text(&c->out, "}\n");
}

static int
print_text(struct ctl *c, const struct table *event, const struct company *with,
           struct error *e)
{
    struct buf payload = buf_init(c->out.max);
    int rc;

    ctl_row(&c->out, event, 0, BROWSE_COLUMNS);
    if (with->reports.row_count > 0) {
        buf_add_text(&c->out, "\nuser reports:\n");
        ctl_table(&c->out, &with->reports, with->reports.column_count);
    }
    if (with->attachments.row_count > 0) {
        buf_add_text(&c->out, "\nattachments:\n");
        ctl_table(&c->out, &with->attachments, with->attachments.column_count);
    }
    buf_add_text(&c->out, "\npayload:\n");
    rc = browse_payload(event, &payload, e);
    ctl_clean(&c->out, buf_str(&payload));
    buf_add_char(&c->out, '\n');
    buf_release(&payload);
    return rc;
}

int
ctl_event_show(struct ctl *c, struct error *e)
{
    struct company with = {{0}, {0}};
    struct table t;
    int rc = 0;

    if (c->words != 1)
        return ctl_usage(e);
    if (browse_event(c->db, c->word[0], c->option.project, &t, e) != 0)
        return -1;
    if (c->option.payload) {
        rc = browse_payload(&t, &c->out, e);
    } else {
        rc = find_company(c, &t, &with, e);
        if (rc == 0 && c->json)
            print_json(c, &t, &with);
        else if (rc == 0)
            rc = print_text(c, &t, &with, e);
    }
    table_release(&with.reports);
    table_release(&with.attachments);
    table_release(&t);
    return rc;
}
