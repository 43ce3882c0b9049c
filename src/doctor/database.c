/* PostgreSQL: connection, version, settings, schema, partitions, clock. */
#include <stdio.h>
#include <string.h>

#include "admin/server_info.h"
#include "base/clock.h"
#include "doctor/doctor.h"
#include "doctor/setting.h"
#include "store/migrate.h"
#include "store/partitions.h"

/* For others who work with the database. */
#define SPARE_CONNECTIONS 10

/* Windows of the limits, partitions and ages in the spool all compare clocks. */
#define CLOCK_WARN_US INT64_C(2000000)
#define CLOCK_FAIL_US INT64_C(30000000)

static const char *const dependants[] = {"database-version",
                                         "clock",
                                         "fsync",
                                         "full_page_writes",
                                         "synchronous_commit",
                                         "shared_buffers",
                                         "encoding",
                                         "connections",
                                         "schema",
                                         "partitions"};

static void
mend_connection(struct doctor *d, const char *why)
{
    struct report *r = &d->report;

    if (strstr(why, "does not exist") != NULL)
        report_mend(r, "as user postgres: createuser ROLE; createdb -O ROLE DATABASE; "
                       "then: mesherctl migrate");
    else if (strstr(why, "authentication") != NULL || strstr(why, "password") != NULL ||
             strstr(why, "pg_hba") != NULL)
        report_mend(r, "put the role's password into `database` of the configuration, or "
                       "let the role in "
                       "by a line in pg_hba.conf, then: SELECT pg_reload_conf()");
    else if (strstr(why, "too many") != NULL ||
             strstr(why, "remaining connection") != NULL)
        report_mend(r, "ALTER SYSTEM SET max_connections = 100; then restart PostgreSQL; "
                       "or end who holds them: "
                       "SELECT * FROM pg_stat_activity");
    else
        report_mend(r, "systemctl start postgresql, or put right where it is: `database` "
                       "in the configuration");
}

static void
no_connection(struct doctor *d, const struct error *e)
{
    report_add(&d->report, REPORT_FAIL, "database", "%s",
               e->detail[0] == '\0' ? e->text : e->detail);
    mend_connection(d, e->detail);
    for (size_t i = 0; i < COUNT_OF(dependants); i++)
        report_add(&d->report, REPORT_SKIP, dependants[i],
                   "the database cannot be asked");
}

static void
check_version(struct doctor *d, const struct checkup_server *s)
{
    long long major = s->version / 10000, minor = s->version % 10000;

    if (major < DB_VERSION_MIN) {
        report_add(&d->report, REPORT_FAIL, "database-version",
                   "PostgreSQL %lld.%lld is too old: %d is needed", major, minor,
                   DB_VERSION_MIN);
        report_mend(&d->report, "pg_upgrade to PostgreSQL %d or later", DB_VERSION_MIN);
    } else if (s->standby) {
        report_add(&d->report, REPORT_FAIL, "database-version",
                   "this is a standby: nothing can be stored");
        report_mend(&d->report, "target_session_attrs=read-write in `database` of the "
                                "configuration, with all hosts");
    } else {
        report_add(&d->report, REPORT_OK, "database-version", "PostgreSQL %lld.%lld",
                   major, minor);
    }
}

static void
check_clock(struct doctor *d, const struct checkup_server *s)
{
    int64_t off_us = s->clock_us - s->asked_us, size = off_us < 0 ? -off_us : off_us;
    long long ms = size / 1000;

    if (size < CLOCK_WARN_US) {
        report_add(&d->report, REPORT_OK, "clock", "the database's differs by %lld ms",
                   ms);
        return;
    }
    report_add(&d->report, size < CLOCK_FAIL_US ? REPORT_WARN : REPORT_FAIL, "clock",
               "the database's is %lld s %s ours", ms / 1000,
               off_us < 0 ? "behind" : "ahead of");
    report_why(&d->report,
               "events get wrong times, and may come into the wrong day's partition");
    report_mend(
        &d->report,
        "timedatectl set-ntp true, on whichever of the two hosts is off (date -u)");
}

static void
check_connections(struct doctor *d, const struct checkup_server *s)
{
    int64_t handlers = 0, needed = setting_connections(d->conf, &handlers);
    int64_t all = needed + handlers;

    if (s->connections >= all) {
        report_add(&d->report, REPORT_OK, "connections",
                   "%lld allowed, Mesher opens up to %lld", (long long)s->connections,
                   (long long)all);
        return;
    }
    report_add(&d->report, s->connections < needed ? REPORT_FAIL : REPORT_WARN,
               "connections",
               "%lld are allowed for role %s in database %s, and Mesher may open %lld",
               (long long)s->connections, s->role, s->database, (long long)all);
    report_why(&d->report, "who gets none cannot store: events go to the spool");
    report_mend(
        &d->report,
        "ALTER ROLE %s CONNECTION LIMIT -1; ALTER DATABASE %s CONNECTION LIMIT -1;",
        s->role, s->database);
    report_mend(&d->report,
                "ALTER SYSTEM SET max_connections = %lld; then restart PostgreSQL",
                (long long)all + SPARE_CONNECTIONS);
    if (d->conf->writer_socket[0] == '\0')
        report_mend(&d->report, "or run mesher-writer, which needs one for all: "
                                "writer_socket in the configuration");
}

static void
check_schema(struct doctor *d)
{
    struct report *r = &d->report;
    enum migrate_state state;
    struct error e;
    int schema, wanted;

    if (migrate_look(d->db, d->conf->sql_dir, &state, &schema, &wanted, &e) != 0) {
        report_add(r, REPORT_FAIL, "schema", "%s: %s", e.text, e.detail);
        report_mend(r,
                    "put right where the migrations are: sql_dir in the configuration");
        return;
    }
    d->schema_ok = state == MIGRATE_CURRENT;
    switch (state) {
    case MIGRATE_CURRENT:
        report_add(r, REPORT_OK, "schema", "version %d", schema);
        break;
    case MIGRATE_NONE:
        report_add(r, REPORT_FAIL, "schema", "the database has none");
        report_mend(r, "mesherctl migrate");
        break;
    case MIGRATE_OLDER:
        report_add(r, REPORT_FAIL, "schema", "version %d, these programs want %d", schema,
                   wanted);
        report_mend(r, "mesherctl migrate");
        break;
    case MIGRATE_NEWER:
        report_add(r, REPORT_FAIL, "schema",
                   "version %d is newer than these programs, which know %d", schema,
                   wanted);
        report_mend(r, "install the Mesher that migrated it, then: mesherctl restart");
        break;
    case MIGRATE_CHANGED:
        report_add(r, REPORT_FAIL, "schema", "%s", e.detail);
        report_mend(r, "install the migrations of %s anew: they are never edited",
                    d->conf->sql_dir);
        break;
    }
}

static void
check_partitions(struct doctor *d, int64_t now_us)
{
    int64_t missing, first, ahead = d->conf->partitions_ahead;
    struct error e;

    if (!d->schema_ok) {
        report_add(&d->report, REPORT_SKIP, "partitions",
                   "the schema has to be right first");
    } else if (partitions_missing(d->db, now_us, ahead, &missing, &first, &e) != 0) {
        report_add(&d->report, REPORT_SKIP, "partitions", "%s: %s", e.text, e.detail);
    } else if (missing == 0) {
        report_add(&d->report, REPORT_OK, "partitions",
                   "made for today and %lld days ahead", (long long)ahead);
    } else {
        report_add(&d->report, first <= 1 ? REPORT_FAIL : REPORT_WARN, "partitions",
                   "%lld of the next %lld days have none, the first %lld days from now",
                   (long long)missing, (long long)ahead + 1, (long long)first);
        report_why(
            &d->report,
            "the first event of such a day makes it, and all others wait meanwhile");
        report_mend(&d->report, "mesherctl maintenance");
        report_mend(
            &d->report,
            "and have it run: child \"ticker\" in the configuration, or a line for cron, "
            "*/5 * * * * mesher mesherctl maintenance");
    }
}

void
doctor_database(struct doctor *d)
{
    struct checkup_server s;
    int64_t began_ms = clock_now_ms();
    struct error e;

    db_set_deadline(d->db, began_ms + DOCTOR_DATABASE_MS);
    d->database_ok = checkup_server(d->db, &s, &e) == 0;
    if (!d->database_ok) {
        no_connection(d, &e);
        return;
    }
    report_add(&d->report, REPORT_OK, "database", "%s as %s, in %lld ms", s.database,
               s.role, (long long)(clock_now_ms() - began_ms));
    check_version(d, &s);
    check_clock(d, &s);
    setting_check_all(d, &s);
    check_connections(d, &s);
    check_schema(d);
    check_partitions(d, s.clock_us);
}
