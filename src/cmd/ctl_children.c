/* mesherctl reload, restart, stop, and mesherd's status of the children. */
#include <stdio.h>
#include <string.h>

#include "base/confine.h"
#include "base/display.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/num.h"
#include "cmd/ctl.h"
#include "super/control.h"
#include "super/control_ask.h"
#include "super/process.h"

static const struct {
    const char *name;
    bool number;
} columns[N_CONTROL_COLUMNS] = {[CONTROL_NAME] = {"name", false},
                                [CONTROL_PID] = {"pid", true},
                                [CONTROL_UPTIME_S] = {"uptime_s", true},
                                [CONTROL_RESTARTS] = {"restarts", true},
                                [CONTROL_STATE] = {"state", false},
                                [CONTROL_LAST_EXIT] = {"last_exit", false},
                                [CONTROL_MEMORY_KIB] = {"memory_kib", true}};

/* Returns whether the process is restricted to its table of system calls, without new
 * privileges. */
static bool
is_confined(struct str pid)
{
    struct confine_seen seen;
    int64_t number;

    return pid.p != NULL && num_parse(pid, 1, INT32_MAX, &number) == 0 &&
           confine_look((pid_t)number, &seen) == 0 && seen.seccomp && seen.no_new_privs;
}

/* Sets the next row.  A mesherd in a sandbox (systemd's ProtectProc) sees no undumpable
 * process in /proc: its memory is then read here, into room. */
static bool
next_row(struct str *rows, struct str cell[N_CONTROL_COLUMNS], char room[24])
{
    int64_t pid;

    if (!control_next_row(rows, cell))
        return false;
    if (str_eq(cell[CONTROL_MEMORY_KIB], STR("0")) &&
        num_parse(cell[CONTROL_PID], 1, INT32_MAX, &pid) == 0) {
        num_format(process_memory_kib((pid_t)pid), room);
        cell[CONTROL_MEMORY_KIB] = str_of(room);
    }
    return true;
}

static void
add_json(struct buf *out, struct str rows)
{
    struct str cell[N_CONTROL_COLUMNS];
    char room[24];
    size_t count = 0;

    buf_add_char(out, '[');
    while (next_row(&rows, cell, room)) {
        buf_add_text(out, count++ == 0 ? "{" : ",\n {");
        for (size_t i = 0; i < N_CONTROL_COLUMNS; i++) {
            if (cell[i].p != NULL && columns[i].number)
                jsonout_raw(out, columns[i].name, cell[i]);
            else
                jsonout_text(out, columns[i].name, cell[i]);
        }
        jsonout_name(out, "confined");
        buf_add_text(out, is_confined(cell[CONTROL_PID]) ? "true" : "false");
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void
add_line(struct buf *out, const struct str cell[N_CONTROL_COLUMNS],
         const size_t width[N_CONTROL_COLUMNS], const char *confined)
{
    for (size_t i = 0; i < N_CONTROL_COLUMNS; i++) {
        struct str s = cell[i].p == NULL ? STR("-") : cell[i];

        display_cell(out, s, width[i], false);
        buf_add_text(out, "  ");
    }
    buf_add_text(out, confined);
    buf_add_char(out, '\n');
}

/* Returns a process's name without its number: "mesher.fcgi" of "mesher.fcgi-3". */
static struct str
section_of(struct str name)
{
    size_t n = name.n;

    while (n > 0 && name.p[n - 1] >= '0' && name.p[n - 1] <= '9')
        n--;
    return n > 1 && n < name.n && name.p[n - 1] == '-' ? (struct str){name.p, n - 1}
                                                       : name;
}

/* A row of the table: a process, or all of a section that are in the same state. */
struct line {
    struct str cell[N_CONTROL_COLUMNS];
    size_t count, confined;
    int64_t restarts, memory_kib;
    char name[CONTROL_LINE_BYTES], sum[2][24];
};

static int64_t
number_of(struct str cell)
{
    int64_t n;

    return cell.p != NULL && num_parse(cell, 0, INT64_MAX, &n) == 0 ? n : 0;
}

static bool
belongs_to(const struct line *l, const struct str cell[N_CONTROL_COLUMNS])
{
    return l->count > 0 &&
           str_eq(section_of(l->cell[CONTROL_NAME]), section_of(cell[CONTROL_NAME])) &&
           str_eq(l->cell[CONTROL_STATE], cell[CONTROL_STATE]) &&
           !str_eq(section_of(cell[CONTROL_NAME]), cell[CONTROL_NAME]);
}

static void
add_process(struct line *l, const struct str cell[N_CONTROL_COLUMNS])
{
    if (l->count == 0)
        for (size_t i = 0; i < N_CONTROL_COLUMNS; i++)
            l->cell[i] = cell[i];
    else if (cell[CONTROL_LAST_EXIT].p != NULL)
        l->cell[CONTROL_LAST_EXIT] = cell[CONTROL_LAST_EXIT];
    l->count++;
    l->confined += is_confined(cell[CONTROL_PID]);
    l->restarts += number_of(cell[CONTROL_RESTARTS]);
    l->memory_kib += number_of(cell[CONTROL_MEMORY_KIB]);
}

/* Puts sums and the number of processes into a line of several. */
static void
finish_line(struct line *l)
{
    struct str section = section_of(l->cell[CONTROL_NAME]);

    if (l->count < 2)
        return;
    (void)snprintf(l->name, sizeof l->name, "%.*s (%zu)",
                   (int)(section.n < 200 ? section.n : 200), section.p, l->count);
    num_format(l->restarts, l->sum[0]);
    num_format(l->memory_kib, l->sum[1]);
    l->cell[CONTROL_NAME] = str_of(l->name);
    l->cell[CONTROL_PID] = STR_NONE;
    l->cell[CONTROL_RESTARTS] = str_of(l->sum[0]);
    l->cell[CONTROL_MEMORY_KIB] = str_of(l->sum[1]);
}

/* Reads the next line, from *rows on. */
static bool
next_line(struct str *rows, struct line *l)
{
    struct str cell[N_CONTROL_COLUMNS], rest = *rows;
    char room[24];

    *l = (struct line){.count = 0};
    while (next_row(&rest, cell, room) && (l->count == 0 || belongs_to(l, cell))) {
        add_process(l, cell);
        if (cell[CONTROL_MEMORY_KIB].p == room) { /* read here, and gone with it */
            (void)memcpy(l->sum[1], room, sizeof room);
            l->cell[CONTROL_MEMORY_KIB] = str_of(l->sum[1]);
        }
        *rows = rest;
    }
    if (l->count == 0)
        return false;
    finish_line(l);
    return true;
}

static void
add_table(struct buf *out, struct str rows)
{
    struct str head[N_CONTROL_COLUMNS], rest = rows;
    size_t width[N_CONTROL_COLUMNS];
    struct line l;

    for (size_t i = 0; i < N_CONTROL_COLUMNS; i++) {
        head[i] = str_of(columns[i].name);
        width[i] = head[i].n;
    }
    while (next_line(&rest, &l))
        for (size_t i = 0; i < N_CONTROL_COLUMNS; i++)
            width[i] =
                display_width(l.cell[i]) > width[i] ? display_width(l.cell[i]) : width[i];
    add_line(out, head, width, "confined");
    while (next_line(&rows, &l))
        add_line(out, l.cell, width,
                 l.confined == 0         ? "-"
                 : l.confined == l.count ? "yes"
                                         : "some");
}

int
ctl_children(struct ctl *c, struct error *e)
{
    struct buf rows = buf_init(LIMIT_MIB);
    int rc = control_ask(c->conf->run_dir, "status", CONTROL_LOOK_MS, &rows, e);
    bool runs = rc == 0;
    /* A confined process uses it if the kernel has it; processes cannot be asked. */
    int landlock = strcmp(c->conf->confine, "off") == 0 ? 0 : confine_landlock_version();

    if (rc != 0 && e->kind == ERROR_NOT_FOUND)
        rc = 0;
    if (rc == 0 && c->json) {
        jsonout_number(&c->out, "landlock", landlock);
        jsonout_text(&c->out, "mesherd", runs ? STR("ok") : STR("none"));
        jsonout_name(&c->out, "children");
        add_json(&c->out, buf_str(&rows));
    } else if (rc == 0) {
        if (landlock > 0)
            buf_add_f(&c->out, "landlock  version %d\n", landlock);
        else
            buf_add_text(&c->out, "landlock  none\n");
        buf_add_f(&c->out, "mesherd   %s\n", runs ? "ok" : "not running");
        if (rows.n > 0) {
            buf_add_char(&c->out, '\n');
            add_table(&c->out, buf_str(&rows));
        }
    }
    buf_release(&rows);
    return rc;
}

/* Sends a request to mesherd and waits until it is done. */
static int
tell(struct ctl *c, const char *request, const char *done, struct error *e)
{
    struct buf nothing = buf_init(LIMIT_MIB);
    int rc = control_ask(c->conf->run_dir, request, -1, &nothing, e);

    buf_release(&nothing);
    if (rc != 0 && e->kind == ERROR_NOT_FOUND)
        e->kind = ERROR_UNAVAILABLE; /* mesherd: the answer does not match the request */
    if (rc != 0 && strncmp(e->detail, "no child ", 9) == 0)
        e->kind = ERROR_NOT_FOUND;
    if (rc == 0 && c->json)
        buf_add_f(&c->out, "{\"%s\":true}\n", done);
    return rc;
}

int
ctl_reload(struct ctl *c, struct error *e)
{
    return tell(c, "reload", "reloaded", e);
}

int
ctl_stop(struct ctl *c, struct error *e)
{
    return tell(c, "stop", "stopped", e);
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
