/* mesherctl status, config, migrate. */
#include "base/jsonout.h"
#include "cmd/ctl.h"
#include "front/settings.h"
#include "store/migrate.h"

int
ctl_config(struct ctl *c, struct error *e)
{
    if (c->words != 0)
        return ctl_usage(e);
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
    struct submit *s = c->words != 0 ? NULL : submit_new(&settings);
    struct submit_state state;
    const char *database, *writer;

    if (c->words != 0)
        return ctl_usage(e);
    if (s == NULL)
        return error_set(e, ERROR_SYSTEM, "out of memory");
    submit_look(s, &state);
    submit_free(s);
    /* What this command itself sees, not what the writer saw a moment ago. */
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
    int schema = 0, applied = 0;

    if (c->words != 0)
        return ctl_usage(e);
    if (migrate_run(c->db, c->conf->sql_dir, &schema, &applied, e) != 0)
        return -1;
    if (!c->json) {
        buf_add_f(&c->out, "schema %d, %d applied now\n", schema, applied);
        return 0;
    }
    buf_add_f(&c->out, "{\"schema\":%d,\"applied\":[", schema);
    for (int i = schema - applied + 1; i <= schema; i++)
        buf_add_f(&c->out, "%d%s", i, i == schema ? "" : ",");
    buf_add_text(&c->out, "]}\n");
    return 0;
}
