/* mesherd and its status of the children. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/confine.h"
#include "base/limits.h"
#include "base/num.h"
#include "doctor/doctor.h"
#include "super/control_ask.h"

/* A process that was restarted this often and is younger than this is probably still
 * failing. */
#define RESTARTS_MANY 3
#define YOUNG_S 60

/* The relevant columns of a child. */
struct row {
    struct str name, state, last_exit;
    int64_t pid, uptime_s, restarts;
};

static int64_t
number(struct str s)
{
    int64_t n = 0;

    (void)!num_parse(s, 0, INT64_MAX, &n);
    return n;
}

static bool
next_row(struct str *rest, struct row *out)
{
    struct str cell[N_CONTROL_COLUMNS];

    if (!control_next_row(rest, cell))
        return false;
    *out = (struct row){.name = cell[CONTROL_NAME],
                        .state = cell[CONTROL_STATE],
                        .last_exit = cell[CONTROL_LAST_EXIT],
                        .pid = number(cell[CONTROL_PID]),
                        .uptime_s = number(cell[CONTROL_UPTIME_S]),
                        .restarts = number(cell[CONTROL_RESTARTS])};
    return true;
}

/* Returns the section of a process: its name, or NAME-1 and so on. */
static const struct childconf *
section_of(const struct conf *conf, struct str name)
{
    for (size_t i = 0; i < conf->children.count; i++) {
        const struct childconf *c = &conf->children.all[i];
        struct str title = str_of(c->name);

        if (c->instances == 0
                ? str_eq(title, name)
                : str_starts(name, title) && name.n > title.n && name.p[title.n] == '-')
            return c;
    }
    return NULL;
}

/* Adds the location of a child's log to the finding. */
static void
mend_child(struct doctor *d, const struct row *row)
{
    const struct childconf *c = section_of(d->conf, row->name);

    if (c != NULL && c->log_file[0] != '\0')
        report_mend(&d->report, "tail %s", c->log_file);
    else
        report_mend(&d->report,
                    "see mesherd's own output about %.*s (journalctl -u mesherd)",
                    (int)row->name.n, row->name.p);
    report_mend(&d->report, "mesherctl restart %.*s", (int)row->name.n, row->name.p);
}

static bool
check_child(struct doctor *d, const struct row *row)
{
    bool up = str_eq(row->state, STR("up")) || str_eq(row->state, STR("down"));
    bool dies = row->restarts >= RESTARTS_MANY && row->uptime_s < YOUNG_S;

    if (up && !dies)
        return true;
    if (up || str_eq(row->state, STR("waiting")))
        report_add(&d->report, REPORT_FAIL, "children",
                   "%.*s keeps dying: restarted %lld times, last end: %.*s",
                   (int)row->name.n, row->name.p, (long long)row->restarts,
                   row->last_exit.n > 0 ? (int)row->last_exit.n : 1,
                   row->last_exit.n > 0 ? row->last_exit.p : "-");
    else
        report_add(&d->report,
                   str_eq(row->state, STR("failed")) ? REPORT_FAIL : REPORT_WARN,
                   "children", "%.*s is %.*s", (int)row->name.n, row->name.p,
                   (int)row->state.n, row->state.p);
    mend_child(d, row);
    return false;
}

/* The user of the processes that handle events must own the files. */
static void
take_service(struct doctor *d, const struct row *row)
{
    struct confine_seen seen;

    if (d->has_service || row->pid == 0 ||
        (!str_starts(row->name, STR("mesher-writer")) &&
         !str_starts(row->name, STR("mesher.fcgi"))))
        return;
    if (confine_look((pid_t)row->pid, &seen) != 0)
        return;
    d->has_service = true;
    d->service_uid = seen.uid;
    d->service_gid = seen.gid;
}

static void
check_all(struct doctor *d)
{
    struct str rest = buf_str(&d->children);
    struct row row;
    size_t all = 0, well = 0;

    while (next_row(&rest, &row)) {
        take_service(d, &row);
        all++;
        well += check_child(d, &row);
    }
    if (well == all)
        report_add(&d->report, REPORT_OK, "children", "%zu processes, none keeps dying",
                   all);
}

static void
not_running(struct doctor *d, const struct error *e)
{
    if (e->kind == ERROR_FORBIDDEN) {
        report_add(&d->report, REPORT_SKIP, "mesherd", "%s", e->detail);
        report_mend(&d->report,
                    "run doctor as root, or as the user that mesherd runs as");
    } else if (d->conf->children.count == 0) {
        report_add(&d->report, REPORT_SKIP, "mesherd",
                   "the configuration has no child sections");
    } else {
        report_add(&d->report, REPORT_FAIL, "mesherd", "%s: %s", e->text, e->detail);
        report_mend(&d->report, "systemctl start mesherd, or: mesherd --conf %s",
                    d->conf_path == NULL ? "FILE" : d->conf_path);
    }
    report_add(&d->report, REPORT_SKIP, "children", "mesherd cannot be reached");
}

void
doctor_children(struct doctor *d)
{
    struct error e;

    d->children = buf_init(LIMIT_MIB);
    d->mesherd_runs =
        control_ask(d->conf->run_dir, "status", CONTROL_LOOK_MS, &d->children, &e) == 0;
    if (!d->mesherd_runs) {
        not_running(d, &e);
        return;
    }
    report_add(&d->report, REPORT_OK, "mesherd", "answers at %s", d->conf->run_dir);
    check_all(d);
}
