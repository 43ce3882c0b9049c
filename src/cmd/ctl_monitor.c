/* mesherctl monitor … */
#include "admin/monitors.h"
#include "cmd/ctl.h"

#define CHECKINS_SHOWN "20"

int
ctl_monitor_list(struct ctl *c, struct error *e)
{
    struct table t;

    if (monitors_list(c->db, c->word[0], &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, t.column_count);
    else
        ctl_table(&c->out, &t, t.column_count);
    table_release(&t);
    return 0;
}

int
ctl_monitor_show(struct ctl *c, struct error *e)
{
    struct monitors_one m;

    if (monitors_read(c->db, c->word[0], c->word[1], CHECKINS_SHOWN, &m, e) != 0)
        return -1;
    if (c->json) {
        buf_add_char(&c->out, '{');
        ctl_json_members(&c->out, &m.monitor, 0, 0, m.monitor.column_count);
        ctl_json_member_rows(&c->out, "environments", &m.environments);
        ctl_json_member_rows(&c->out, "checkins", &m.checkins);
        buf_add_text(&c->out, "}\n");
    } else {
        ctl_row(&c->out, &m.monitor, 0, m.monitor.column_count);
        buf_add_char(&c->out, '\n');
        ctl_table(&c->out, &m.environments, m.environments.column_count);
        buf_add_char(&c->out, '\n');
        ctl_table(&c->out, &m.checkins, m.checkins.column_count);
    }
    monitors_release(&m);
    return 0;
}

int
ctl_monitor_delete(struct ctl *c, struct error *e)
{
    if (!c->option.yes)
        return error_set(e, ERROR_MALFORMED,
                         "this removes the monitor with its check-ins: add --yes");
    if (monitors_delete(c->db, c->word[0], c->word[1], e) != 0)
        return -1;
    if (c->json)
        buf_add_text(&c->out, "{\"removed\":true}\n");
    return 0;
}
