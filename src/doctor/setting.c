#include "doctor/setting.h"

#include <string.h>

#include "base/num.h"

/* Writer, ticker, and one for the administrator. */
#define CONNECTIONS_ALWAYS 3

/* Pages of 8 KiB: 32 MiB. */
#define BUFFERS_MIN 4096

static const struct {
    const char *name, *bad, *why;
} durable[] = {
    {"fsync", "off",
     "a crash of the machine loses or destroys events that had their 202"},
    {"full_page_writes", "off",
     "a crash of the machine can leave pages that are half old, half new"},
    {"synchronous_commit", "off", "a crash loses the last events that had their 202"},
};

/* What to type depends on where the value comes from. */
static void
mend_setting(struct doctor *d, const char *name, const struct checkup_setting *now,
             const struct checkup_server *s)
{
    struct report *r = &d->report;

    if (strcmp(now->source, "user") == 0)
        report_mend(r, "ALTER ROLE %s RESET %s;", s->role, name);
    else if (strcmp(now->source, "database user") == 0)
        report_mend(r, "ALTER ROLE %s IN DATABASE %s RESET %s;", s->role, s->database,
                    name);
    else if (strcmp(now->source, "database") == 0)
        report_mend(r, "ALTER DATABASE %s RESET %s;", s->database, name);
    else if (strcmp(now->source, "client") == 0)
        report_mend(r,
                    "take %s out of `options` in `database` of the configuration, and "
                    "out of PGOPTIONS",
                    name);
    else if (strcmp(now->source, "command line") == 0)
        report_mend(r,
                    "take %s off the command line that starts PostgreSQL, and restart it",
                    name);
    else
        report_mend(r, "ALTER SYSTEM SET %s = on; SELECT pg_reload_conf();", name);
}

static void
check_durable(struct doctor *d, size_t which, const struct checkup_server *s)
{
    const char *name = durable[which].name;
    struct checkup_setting now;
    struct error e;

    if (checkup_setting(d->db, name, &now, &e) != 0) {
        report_add(&d->report, REPORT_SKIP, name, "%s: %s", e.text, e.detail);
    } else if (strcmp(now.value, durable[which].bad) != 0) {
        report_add(&d->report, REPORT_OK, name, "%s", now.value);
    } else {
        report_add(&d->report, REPORT_FAIL, name, "is %s (set in: %s)", now.value,
                   now.source);
        report_why(&d->report, "%s", durable[which].why);
        mend_setting(d, name, &now, s);
    }
}

static void
check_buffers(struct doctor *d)
{
    struct checkup_setting now;
    struct error e;
    int64_t pages;

    if (checkup_setting(d->db, "shared_buffers", &now, &e) != 0 ||
        num_parse(str_of(now.value), 0, INT64_MAX, &pages) != 0) {
        report_add(&d->report, REPORT_SKIP, "shared_buffers", "cannot be read");
    } else if (pages >= BUFFERS_MIN) {
        report_add(&d->report, REPORT_OK, "shared_buffers", "%lld MiB",
                   (long long)pages / 128);
    } else {
        report_add(&d->report, REPORT_WARN, "shared_buffers", "only %lld kB",
                   (long long)pages * 8);
        report_why(&d->report, "indexes that every event touches have no room in it");
        report_mend(&d->report,
                    "ALTER SYSTEM SET shared_buffers = '128MB'; then restart PostgreSQL");
    }
}

static void
check_encoding(struct doctor *d, const struct checkup_server *s)
{
    struct checkup_setting now;
    struct error e;

    if (checkup_setting(d->db, "server_encoding", &now, &e) != 0) {
        report_add(&d->report, REPORT_SKIP, "encoding", "%s: %s", e.text, e.detail);
    } else if (strcmp(now.value, "UTF8") == 0) {
        report_add(&d->report, REPORT_OK, "encoding", "UTF8");
    } else {
        report_add(&d->report, REPORT_FAIL, "encoding", "of database %s is %s",
                   s->database, now.value);
        report_why(&d->report,
                   "events are in UTF-8, and those it cannot hold are put aside");
        report_mend(&d->report,
                    "as user postgres: createdb -O %s -E UTF8 -T template0 NEW; "
                    "`database` in the "
                    "configuration; then: mesherctl migrate",
                    s->role);
    }
}

void
setting_check_all(struct doctor *d, const struct checkup_server *s)
{
    for (size_t i = 0; i < COUNT_OF(durable); i++)
        check_durable(d, i, s);
    check_buffers(d);
    check_encoding(d, s);
}

int64_t
setting_connections(const struct conf *conf, int64_t *handlers)
{
    int64_t needed = CONNECTIONS_ALWAYS;

    *handlers = 0;
    if (conf->writer_socket[0] != '\0')
        return needed;
    for (size_t i = 0; i < conf->children.count; i++) {
        const struct childconf *c = &conf->children.all[i];

        if (childconf_runs(c, "mesher.fcgi"))
            needed += c->instances > 0 ? c->instances : 1;
        else if (childconf_runs(c, "websocketd"))
            *handlers = conf->ws_max;
    }
    return needed;
}
