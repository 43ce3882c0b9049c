#include "doctor/setting.h"

#include <string.h>

#include "base/num.h"

/* Writer, ticker, and one for the administrator. */
#define CONNECTIONS_ALWAYS 3

/* Pages of 8 KiB: 32 MiB. */
#define BUFFERS_MIN 4096

static const struct setting {
    const char *check, *prefix, *name, *bad, *good, *why;
} settings[] = {
    {"fsync", "", "fsync", "off", "on",
     "a crash of the machine loses or corrupts events acknowledged with 202"},
    {"full_page_writes", "", "full_page_writes", "off", "on",
     "a crash of the machine can leave half-written pages"},
    {"synchronous_commit", "", "synchronous_commit", "off", "on",
     "a crash loses the last events acknowledged with 202"},
    {"read_only", "default_transaction_read_only ", "default_transaction_read_only", "on",
     "off",
     "PostgreSQL accepts no changes: events wait in the spool; providers set this when "
     "the disk is full"},
    {"replication_role", "session_replication_role ", "session_replication_role",
     "replica", "origin",
     "foreign keys are not enforced: data of removed projects stays"},
};

/* The command to type depends on where the value comes from. */
static void
mend_setting(struct doctor *d, const struct setting *what,
             const struct server_info_setting *now, const struct server_info_server *s)
{
    struct report *r = &d->report;
    const char *name = what->name;

    if (strcmp(now->source, "user") == 0)
        report_mend(r, "ALTER ROLE %s RESET %s;", s->role, name);
    else if (strcmp(now->source, "database user") == 0)
        report_mend(r, "ALTER ROLE %s IN DATABASE %s RESET %s;", s->role, s->database,
                    name);
    else if (strcmp(now->source, "database") == 0)
        report_mend(r, "ALTER DATABASE %s RESET %s;", s->database, name);
    else if (strcmp(now->source, "client") == 0)
        report_mend(r, "remove %s from `options` in `database` of the configuration",
                    name);
    else if (strcmp(now->source, "command line") == 0)
        report_mend(
            r, "remove %s from the command line that starts PostgreSQL, and restart it",
            name);
    else
        report_mend(r, "ALTER SYSTEM SET %s = %s; SELECT pg_reload_conf();", name,
                    what->good);
}

static void
check_setting(struct doctor *d, const struct setting *what,
              const struct server_info_server *s)
{
    const char *name = what->name;
    struct server_info_setting now;
    struct error e;

    if (server_info_setting(d->db, name, &now, &e) != 0) {
        report_add(&d->report, REPORT_SKIP, what->check, "%s: %s", e.text, e.detail);
    } else if (strcmp(now.value, what->bad) != 0) {
        report_add(&d->report, REPORT_OK, what->check, "%s", now.value);
    } else if (now.ours) {
        report_add(&d->report, REPORT_OK, what->check,
                   "%s for Mesher, which sets it (%s: set in: %s)", what->good, now.value,
                   now.source);
    } else {
        report_add(&d->report, REPORT_FAIL, what->check, "%sis %s (set in: %s%s%s)",
                   what->prefix, now.value, now.source, now.file[0] == '\0' ? "" : " ",
                   now.file);
        report_why(&d->report, "%s", what->why);
        mend_setting(d, what, &now, s);
        if (strcmp(name, "default_transaction_read_only") == 0)
            d->read_only = true;
    }
}

static void
check_buffers(struct doctor *d)
{
    struct server_info_setting now;
    struct error e;
    int64_t pages;

    if (server_info_setting(d->db, "shared_buffers", &now, &e) != 0 ||
        num_parse(str_of(now.value), 0, INT64_MAX, &pages) != 0) {
        report_add(&d->report, REPORT_SKIP, "shared_buffers", "cannot be read");
    } else if (pages >= BUFFERS_MIN) {
        report_add(&d->report, REPORT_OK, "shared_buffers", "%lld MiB",
                   (long long)pages / 128);
    } else {
        report_add(&d->report, REPORT_WARN, "shared_buffers", "only %lld kB",
                   (long long)pages * 8);
        report_why(&d->report, "the indexes used by every event do not fit in it");
        report_mend(&d->report,
                    "ALTER SYSTEM SET shared_buffers = '128MB'; then restart PostgreSQL");
    }
}

static void
check_encoding(struct doctor *d, const struct server_info_server *s)
{
    struct server_info_setting now;
    struct error e;

    if (server_info_setting(d->db, "server_encoding", &now, &e) != 0) {
        report_add(&d->report, REPORT_SKIP, "encoding", "%s: %s", e.text, e.detail);
    } else if (strcmp(now.value, "UTF8") == 0) {
        report_add(&d->report, REPORT_OK, "encoding", "UTF8");
    } else {
        report_add(&d->report, REPORT_FAIL, "encoding", "of database %s is %s",
                   s->database, now.value);
        report_why(&d->report,
                   "events are in UTF-8, and those it cannot store are set aside");
        report_mend(&d->report,
                    "as user postgres: createdb -O %s -E UTF8 -T template0 NEW; "
                    "`database` in the "
                    "configuration; then: mesherctl migrate",
                    s->role);
    }
}

void
setting_check_all(struct doctor *d, const struct server_info_server *s)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        check_setting(d, &settings[i], s);
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
