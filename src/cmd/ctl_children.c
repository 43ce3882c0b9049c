/* mesherctl reload, restart, stop, and the children in its status: what mesherd knows. */
#include <stdio.h>
#include <string.h>

#include "base/display.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "cmd/ctl.h"
#include "super/control_ask.h"

static const struct {
    const char *name;
    bool number;
} columns[CONTROL_COLUMNS] = {[CONTROL_NAME] = {"name", false},
                              [CONTROL_PID] = {"pid", true},
                              [CONTROL_UPTIME_S] = {"uptime_s", true},
                              [CONTROL_RESTARTS] = {"restarts", true},
                              [CONTROL_STATE] = {"state", false},
                              [CONTROL_LAST_EXIT] = {"last_exit", false},
                              [CONTROL_MEMORY_KIB] = {"memory_kib", true}};

static void
add_json(struct buf *out, struct str rows)
{
    struct str cell[CONTROL_COLUMNS];
    size_t count = 0;

    buf_add_char(out, '[');
    while (control_next_row(&rows, cell)) {
        buf_add_text(out, count++ == 0 ? "{" : ",\n {");
        for (size_t i = 0; i < CONTROL_COLUMNS; i++) {
            if (cell[i].p != NULL && columns[i].number)
                jsonout_raw(out, columns[i].name, cell[i]);
            else
                jsonout_text(out, columns[i].name, cell[i]);
        }
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void
add_line(struct buf *out, const struct str cell[CONTROL_COLUMNS],
         const size_t width[CONTROL_COLUMNS])
{
    for (size_t i = 0; i < CONTROL_COLUMNS; i++) {
        struct str s = cell[i].p == NULL ? STR("-") : cell[i];

        if (i + 1 == CONTROL_COLUMNS) {
            ctl_clean(out, s);
            break;
        }
        display_cell(out, s, width[i], false);
        buf_add_text(out, "  ");
    }
    buf_add_char(out, '\n');
}

static void
add_table(struct buf *out, struct str rows)
{
    struct str head[CONTROL_COLUMNS], cell[CONTROL_COLUMNS], rest = rows;
    size_t width[CONTROL_COLUMNS];

    for (size_t i = 0; i < CONTROL_COLUMNS; i++) {
        head[i] = str_of(columns[i].name);
        width[i] = head[i].n;
    }
    while (control_next_row(&rest, cell))
        for (size_t i = 0; i < CONTROL_COLUMNS; i++)
            width[i] =
                display_width(cell[i]) > width[i] ? display_width(cell[i]) : width[i];
    add_line(out, head, width);
    while (control_next_row(&rows, cell))
        add_line(out, cell, width);
}

int
ctl_children(struct ctl *c, struct error *e)
{
    struct buf rows = buf_init(LIMIT_MIB);
    int rc = control_ask(c->conf->run_dir, "status", CONTROL_LOOK_MS, &rows, e);
    bool runs = rc == 0;

    if (rc != 0 && e->kind == ERROR_NOT_FOUND)
        rc = 0;
    if (rc == 0 && c->json) {
        jsonout_text(&c->out, "mesherd", runs ? STR("ok") : STR("none"));
        jsonout_name(&c->out, "children");
        add_json(&c->out, buf_str(&rows));
    } else if (rc == 0) {
        buf_add_f(&c->out, "mesherd   %s\n", runs ? "ok" : "not running");
        if (rows.n > 0) {
            buf_add_char(&c->out, '\n');
            add_table(&c->out, buf_str(&rows));
        }
    }
    buf_release(&rows);
    return rc;
}

/* Tells mesherd and waits until it is done. */
static int
tell(struct ctl *c, const char *request, const char *done, struct error *e)
{
    struct buf nothing = buf_init(LIMIT_MIB);
    int rc = control_ask(c->conf->run_dir, request, -1, &nothing, e);

    buf_release(&nothing);
    if (rc != 0 && e->kind == ERROR_NOT_FOUND)
        e->kind = ERROR_UNAVAILABLE; /* mesherd: that is no answer to what was asked */
    if (rc != 0 && strncmp(e->detail, "no child ", 9) == 0)
        e->kind = ERROR_NOT_FOUND;
    if (rc == 0 && c->json)
        buf_add_f(&c->out, "{\"%s\":true}\n", done);
    return rc;
}

int
ctl_reload(struct ctl *c, struct error *e)
{
    return c->words != 0 ? ctl_usage(e) : tell(c, "reload", "reloaded", e);
}

int
ctl_stop(struct ctl *c, struct error *e)
{
    return c->words != 0 ? ctl_usage(e) : tell(c, "stop", "stopped", e);
}

int
ctl_restart(struct ctl *c, struct error *e)
{
    char request[CTL_CHILD_BYTES + sizeof "restart "];

    if (c->words > 1 || (c->words == 1 && (strlen(c->word[0]) > CTL_CHILD_BYTES ||
                                           strpbrk(c->word[0], " \n") != NULL)))
        return ctl_usage(e);
    (void)snprintf(request, sizeof request, "restart%s%s", c->words == 0 ? "" : " ",
                   c->words == 0 ? "" : c->word[0]);
    return tell(c, request, "restarted", e);
}
