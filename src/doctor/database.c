/* PostgreSQL: connection, version, settings, schema, partitions, clock. */
#include <stdio.h>
#include <string.h>

#include "admin/server_info.h"
#include "base/clock.h"
#include "base/limits.h"
#include "doctor/doctor.h"
#include "doctor/setting.h"
#include "store/environment.h"
#include "store/migrate.h"
#include "store/partitions.h"
#include "store/pooler.h"

/* For other users of the database. */
#define SPARE_CONNECTIONS 10

#define INSUFFICIENT_PRIVILEGE "42501"

/* Windows of the limits, partitions and ages in the spool all depend on both clocks. */
#define CLOCK_WARN_US INT64_C(2000000)
#define CLOCK_FAIL_US INT64_C(30000000)

static const char *const dependants[] = {"pooler",
                                         "database-version",
                                         "clock",
                                         "fsync",
                                         "full_page_writes",
                                         "synchronous_commit",
                                         "read_only",
                                         "replication_role",
                                         "shared_buffers",
                                         "encoding",
                                         "connections",
                                         "schema",
                                         "partitions",
                                         "rights"};

/* What the connection string leaves to the environment. */
static void
check_environment(struct doctor *d)
{
    const char *names[ENVIRONMENT_MAX];
    struct buf list = buf_init(LIMIT_KIB);
    struct error e;
    size_t n;

    if (libpq_load(&e) != 0)
        return;
    n = environment_taken(d->conf->database, names);
    for (size_t i = 0; i < n; i++)
        buf_add_f(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
    buf_add_char(&list, '\0');
    if (n == 0 || list.failed)
        report_add(&d->report, REPORT_OK, "environment",
                   "`database` says all, or libpq's defaults do");
    else
        report_add(&d->report, REPORT_OK, "environment",
                   "used, since `database` does not say it: %s", list.data);
    buf_release(&list);
}

static void
no_connection(struct doctor *d, const struct error *e)
{
    report_add(&d->report, REPORT_FAIL, "database", "%s",
               e->detail[0] == '\0' ? e->text : e->detail);
    doctor_mend_connection(d, e->detail);
    for (size_t i = 0; i < COUNT_OF(dependants); i++)
        report_add(&d->report, REPORT_SKIP, dependants[i],
                   "the database cannot be reached");
}

static void
check_pooler(struct doctor *d)
{
    struct report *r = &d->report;
    enum pooler pooler;
    struct error e;

    if (pooler_look(d->db, &pooler, &e) != 0) {
        report_add(r, REPORT_SKIP, "pooler", "%s: %s", e.text, e.detail);
        return;
    }
    switch (pooler) {
    case POOLER_NONE:
        report_add(r, REPORT_OK, "pooler", "none");
        break;
    case POOLER_SESSION:
        report_add(r, REPORT_OK, "pooler",
                   "one in session mode is between Mesher and PostgreSQL");
        break;
    case POOLER_TRANSACTION:
        report_add(
            r, REPORT_OK, "pooler",
            "one in transaction mode is between Mesher and PostgreSQL; `event tail` "
            "needs another connection string");
        break;
    }
}

static void
check_version(struct doctor *d, const struct server_info_server *s)
{
    long long major = s->version / 10000, minor = s->version % 10000;

    if (major < DB_VERSION_MIN) {
        report_add(&d->report, REPORT_FAIL, "database-version",
                   "PostgreSQL %lld.%lld is too old: version %d is required", major,
                   minor, DB_VERSION_MIN);
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
check_clock(struct doctor *d, const struct server_info_server *s)
{
    int64_t off_us = s->clock_us - s->asked_us, size = off_us < 0 ? -off_us : off_us;
    long long ms = size / 1000;

    if (size < CLOCK_WARN_US) {
        report_add(&d->report, REPORT_OK, "clock",
                   "the database's clock differs by %lld ms", ms);
        return;
    }
    report_add(&d->report, size < CLOCK_FAIL_US ? REPORT_WARN : REPORT_FAIL, "clock",
               "the database's clock is %lld s %s ours", ms / 1000,
               off_us < 0 ? "behind" : "ahead of");
    report_why(
        &d->report,
        "times of receipt are corrected to the database's clock, which decides what "
        "is kept; those of sessions and counts are not");
    report_mend(
        &d->report,
        "timedatectl set-ntp true, on whichever of the two hosts is off (date -u)");
}

static void
check_connections(struct doctor *d, const struct server_info_server *s)
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
    report_why(&d->report,
               "a process without one cannot store: its events go to the spool");
    report_mend(
        &d->report,
        "ALTER ROLE %s CONNECTION LIMIT -1; ALTER DATABASE %s CONNECTION LIMIT -1;",
        s->role, s->database);
    report_mend(&d->report,
                "ALTER SYSTEM SET max_connections = %lld; then restart PostgreSQL",
                (long long)all + SPARE_CONNECTIONS);
    if (d->conf->writer_socket[0] == '\0')
        report_mend(&d->report, "or run mesher-writer, which shares one among all: "
                                "writer_socket in the configuration");
}

/* The list of migrations could not be read. */
static void
mend_schema(struct doctor *d, const struct server_info_server *s, const struct error *e)
{
    struct report *r = &d->report;
    struct server_info_owner o;
    struct error ignored;

    if (e->kind == ERROR_CONFIG || e->kind == ERROR_SYSTEM) {
        report_mend(r,
                    "correct the path of the migrations: sql_dir in the configuration");
    } else if (strcmp(e->sqlstate, INSUFFICIENT_PRIVILEGE) != 0 ||
               server_info_owner(d->db, &o, &ignored) != 0 || o.owner[0] == '\0') {
        report_mend(r, "mesherctl migrate, which says more");
    } else if (o.acts) {
        report_mend(r, "GRANT USAGE ON SCHEMA %s TO %s;", o.schema, s->role);
    } else {
        report_why(r, "the tables belong to %s, as after a restore by that role",
                   o.owner);
        report_mend(r,
                    "as user postgres: psql -d %s -Atc \"SELECT format('ALTER TABLE %%s "
                    "OWNER TO %s;', oid::regclass) FROM pg_class WHERE relnamespace = "
                    "'%s'::regnamespace AND relkind IN ('r', 'p')\" | psql -d %s",
                    s->database, s->role, o.schema, s->database);
    }
}

/* The tables are there, but search_path does not lead to them. */
static void
mend_place(struct doctor *d, const struct server_info_server *s)
{
    struct migrate_place place;
    struct error ignored;

    report_why(&d->report, "`migrate` would make a second, empty set: it refuses to");
    if (migrate_find(d->db, &place, &ignored) == 0)
        report_mend(&d->report, "ALTER ROLE %s IN DATABASE %s SET search_path = %s;",
                    s->role, s->database, place.schema);
}

static void
check_schema(struct doctor *d, const struct server_info_server *s)
{
    struct report *r = &d->report;
    enum migrate_state state;
    struct error e;
    int schema, wanted;

    if (migrate_look(d->db, d->conf->sql_dir, &state, &schema, &wanted, &e) != 0) {
        report_add(r, REPORT_FAIL, "schema", "%s: %s", e.text, e.detail);
        mend_schema(d, s, &e);
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
    case MIGRATE_ELSEWHERE:
        report_add(r, REPORT_FAIL, "schema", "%s", e.detail);
        mend_place(d, s);
        break;
    case MIGRATE_OLDER:
        report_add(r, REPORT_FAIL, "schema", "version %d, these programs require %d",
                   schema, wanted);
        report_mend(r, "mesherctl migrate");
        break;
    case MIGRATE_NEWER:
        report_add(r, REPORT_FAIL, "schema",
                   "version %d is newer than these programs, which support %d", schema,
                   wanted);
        report_mend(r, "install the Mesher that migrated it, then: mesherctl restart");
        break;
    case MIGRATE_CHANGED:
        report_add(r, REPORT_FAIL, "schema", "%s", e.detail);
        report_mend(r, "reinstall the migrations in %s: they are never edited",
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
                   "the schema must be correct first");
    } else if (partitions_missing(d->db, now_us, ahead, &missing, &first, &e) != 0) {
        report_add(&d->report, REPORT_SKIP, "partitions", "%s: %s", e.text, e.detail);
    } else if (missing == 0) {
        report_add(&d->report, REPORT_OK, "partitions",
                   "created for today and %lld days ahead", (long long)ahead);
    } else {
        report_add(&d->report, first <= 1 ? REPORT_FAIL : REPORT_WARN, "partitions",
                   "%lld of the next %lld days have none, the first %lld days from now",
                   (long long)missing, (long long)ahead + 1, (long long)first);
        report_why(
            &d->report,
            "the first event of such a day creates it, and all others wait meanwhile");
        report_mend(&d->report, "mesherctl maintenance");
        report_mend(&d->report,
                    "and run it regularly: child \"ticker\" in the configuration, or in "
                    "a crontab, */5 * * * * mesher mesherctl maintenance");
    }
}

/* Partitions run out days after the right to create them was lost. */
static void
check_rights(struct doctor *d, const struct server_info_server *s)
{
    struct report *r = &d->report;
    struct server_info_owner o;
    struct error e;

    if (!d->schema_ok) {
        report_add(r, REPORT_SKIP, "rights", "the schema must be correct first");
    } else if (server_info_owner(d->db, &o, &e) != 0) {
        report_add(r, REPORT_SKIP, "rights", "%s: %s", e.text, e.detail);
    } else if (o.partitions) {
        report_add(r, REPORT_OK, "rights", "%s may create partitions", s->role);
    } else {
        report_add(
            r, REPORT_WARN, "rights",
            "%s may not create partitions: it does not act for the owner of events, "
            "or may not create tables in schema %s",
            s->role, o.schema);
        report_why(r, "when those in advance are used up, events wait in the spool");
        report_mend(r, "GRANT USAGE, CREATE ON SCHEMA %s TO %s;", o.schema, s->role);
        report_mend(r,
                    "or run the ticker as the role for it, as contrib/grants.sql has it");
    }
}

void
doctor_database(struct doctor *d)
{
    struct server_info_server s;
    int64_t began_ms = clock_now_ms();
    struct error e;

    check_environment(d);
    db_set_deadline(d->db, began_ms + DOCTOR_DATABASE_MS);
    d->database_ok = server_info_server(d->db, &s, &e) == 0;
    if (!d->database_ok) {
        no_connection(d, &e);
        return;
    }
    report_add(&d->report, REPORT_OK, "database", "%s as %s, in %lld ms", s.database,
               s.role, (long long)(clock_now_ms() - began_ms));
    check_pooler(d);
    check_version(d, &s);
    check_clock(d, &s);
    setting_check_all(d, &s);
    check_connections(d, &s);
    check_schema(d, &s);
    check_partitions(d, s.clock_us);
    check_rights(d, &s);
}
