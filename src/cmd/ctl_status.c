/* mesherctl status, config, migrate. */
#include "base/jsonout.h"
#include "cmd/ctl.h"
#include "front/settings.h"
#include "store/migrate.h"

int
ctl_config(struct ctl *c, struct error *e)
{
    (void)e;
    if (c->json)
        conf_print_json(c->conf, &c->out);
    else
        conf_print(c->conf, &c->out);
    return 0;
}

int
ctl_status(struct ctl *c, struct error *e)
{
    struct submit_settings settings = settings_submit(c->conf, true, false);
    struct submit *s = submit_new(&settings);
    struct submit_state state;
    const char *database, *writer;

    if (s == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    submit_health(s, &state);
    submit_free(s);
    /* The connection of this command, not the writer's of a moment ago. */
    database = db_run(c->db, STATEMENT_PING, NULL, 0, NULL, e) == 0 ? "ok" : "down";
    writer = !state.writer_configured ? "none" : state.writer_ok ? "ok" : "down";
    if (c->json) {
        buf_add_char(&c->out, '{');
        jsonout_text(&c->out, "database", str_of(database));
        jsonout_text(&c->out, "writer", str_of(writer));
        jsonout_name(&c->out, "spool");
        ctl_spool_status(c);
    } else {
        buf_add_f(&c->out, "database  %s\nwriter    %s\nspool     ", database, writer);
        ctl_spool_status(c);
    }
    if (ctl_children(c, e) != 0)
        return -1;
    if (c->json)
        buf_add_text(&c->out, "}\n");
    return 0;
}

int
ctl_migrate(struct ctl *c, struct error *e)
{
    struct migrate_result result;

    if (migrate_run(c->db, c->conf->sql_dir, &result, e) != 0)
        return -1;
    if (!c->json) {
        buf_add_f(&c->out, "schema %d, %d applied now\n", result.schema, result.count);
        return 0;
    }
    buf_add_f(&c->out, "{\"schema\":%d,\"applied\":[", result.schema);
    for (int i = 0; i < result.count; i++)
        buf_add_f(&c->out, "%s%d", i == 0 ? "" : ",", result.applied[i]);
    buf_add_text(&c->out, "]}\n");
    return 0;
}
