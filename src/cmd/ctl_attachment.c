/* mesherctl attachment …, mesherctl release … */
#include "admin/attachments.h"
#include "admin/releases.h"
#include "base/ids.h"
#include "base/jsonout.h"
#include "base/num.h"
#include "cmd/ctl.h"

static void
show(struct ctl *c, const struct table *t)
{
    if (c->json)
        ctl_json_rows(&c->out, t, t->column_count);
    else
        ctl_table(&c->out, t, t->column_count);
}

int
ctl_attachment_list(struct ctl *c, struct error *e)
{
    struct uuid ignored;
    const char *limit = ctl_limit(c, e), *word = c->word[0];
    bool is_event = c->words == 1 && ids_parse(str_of(word), &ignored) == 0;
    struct table t;

    if (limit == NULL ||
        attachments_list(c->db, is_event ? word : NULL,
                         is_event ? c->option.project : word, limit, &t, e) != 0)
        return -1;
    show(c, &t);
    table_release(&t);
    return 0;
}

int
ctl_attachment_get(struct ctl *c, struct error *e)
{
    if (c->words != 1 && c->words != 2)
        return ctl_usage(e);
    return attachments_read(c->db, c->words == 2 ? c->word[0] : NULL,
                            c->word[c->words - 1], c->option.project, &c->out, e);
}

int
ctl_release_list(struct ctl *c, struct error *e)
{
    const char *limit = ctl_limit(c, e);
    struct table t;

    if (limit == NULL || releases_list(c->db, c->word[0], limit, &t, e) != 0)
        return -1;
    show(c, &t);
    table_release(&t);
    return 0;
}

/* The first row is the release as a whole, the others its environments. */
int
ctl_release_show(struct ctl *c, struct error *e)
{
    struct table t;

    if (releases_one(c->db, c->word[0], c->word[1], &t, e) != 0)
        return -1;
    if (c->json) {
        buf_add_char(&c->out, '{');
        jsonout_text(&c->out, "release", str_of(c->word[1]));
        ctl_json_members(&c->out, &t, 0, 1, t.column_count);
        jsonout_name(&c->out, "environments");
        buf_add_char(&c->out, '[');
        for (size_t i = 1; i < t.row_count; i++) {
            if (i > 1)
                buf_add_char(&c->out, ',');
            ctl_json_row(&c->out, &t, i, t.column_count);
        }
        buf_add_text(&c->out, "]}\n");
    } else {
        ctl_table(&c->out, &t, t.column_count);
    }
    table_release(&t);
    return 0;
}
