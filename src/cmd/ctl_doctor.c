/* mesherctl doctor */
#include "cmd/ctl.h"
#include "doctor/doctor.h"
#include "front/settings.h"
#include "setup/start.h"

typedef void part(struct doctor *d);

bool
ctl_writer_answers(const struct ctl *c)
{
    struct submit_settings settings = settings_submit(c->conf, true, false);
    struct submit *s = submit_new(&settings);
    struct submit_state state = {.writer_ok = false};

    if (s != NULL)
        submit_health(s, &state);
    submit_free(s);
    return state.writer_ok;
}

const char *
ctl_ca_file(void)
{
    return start_environment("CURL_CA_BUNDLE");
}

/* Each finding is shown at once: some checks take a while. */
static int
look(struct ctl *c, struct doctor *d, struct error *e)
{
    static part *const parts[] = {doctor_children, doctor_files, doctor_sockets,
                                  doctor_database, doctor_spool, doctor_web};

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        parts[i](d);
        report_flush(&d->report);
        if (!c->json && ctl_flush(c, e) != 0)
            return -1;
    }
    return 0;
}

/* With an unreadable configuration, all other findings would describe another
 * installation. */
static void
bad_conf(struct ctl *c, struct doctor *d)
{
    report_add(&d->report, REPORT_FAIL, "config", "%s", c->conf_error->detail);
    report_mend(&d->report,
                "correct that line in %s; man 5 mesher.conf lists every option",
                c->conf_path == NULL ? "the environment" : c->conf_path);
    report_add(&d->report, REPORT_SKIP, "all else",
               "the configuration must be correct first");
}

int
ctl_doctor(struct ctl *c, struct error *e)
{
    struct doctor d = {.conf = c->conf,
                       .conf_path = c->conf_path,
                       .db = c->db,
                       .projects = &c->projects,
                       .ca_file = ctl_ca_file()};
    int rc = 0;

    report_begin(&d.report, &c->out, c->json);
    if (c->conf_error != NULL) {
        bad_conf(c, &d);
    } else {
        d.writer_answers = ctl_writer_answers(c);
        rc = look(c, &d, e);
    }
    report_end(&d.report);
    buf_release(&d.children);
    if (rc == 0)
        rc = ctl_flush(c, e);
    if (rc == 0 && d.report.count[REPORT_FAIL] > 0)
        rc = error_set(e, ERROR_UNAVAILABLE, "%zu of the checks failed",
                       d.report.count[REPORT_FAIL]);
    return rc;
}
