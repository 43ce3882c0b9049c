#include "store/partitions.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"

#define DAY_US 86400000000LL
#define SQL_MAX 4096U

/* Any number that nobody else uses as an advisory lock in this database. */
#define LOCK_KEY "7239421801"

/* toast_tuple_target: a compressed payload of a few KiB stays in its row, where it costs
 * one insert instead of three or four. */
static const char make_one[] =
    "SELECT pg_advisory_xact_lock(" LOCK_KEY ");"
    "DO $$ BEGIN IF to_regclass('%s') IS NULL OR NOT EXISTS (SELECT FROM pg_inherits"
    " WHERE inhparent = 'events'::regclass AND inhrelid = to_regclass('%s')) THEN"
    " CREATE TABLE IF NOT EXISTS %s (LIKE events INCLUDING DEFAULTS INCLUDING "
    "CONSTRAINTS INCLUDING STORAGE"
    " INCLUDING COMMENTS) WITH (toast_tuple_target = 8160);"
    " ALTER TABLE events ATTACH PARTITION %s FOR VALUES FROM ('%.10s 00:00:00+00')"
    " TO ('%.10s 00:00:00+00');"
    " END IF; END $$";

static int
is_there(struct db *d, const char *name, int *there, struct error *e)
{
    const char *const params[] = {name};
    PGresult *r;

    if (db_run_params(d,
                      "SELECT FROM pg_inherits WHERE inhparent = 'events'::regclass"
                      " AND inhrelid = to_regclass($1)",
                      params, 1, &r, e) != 0)
        return -1;
    *there = libpq.PQntuples(r) > 0;
    libpq.PQclear(r);
    return 0;
}

/* The name of the partition for a day. */
static void
name_of(const char day[CLOCK_TEXT_BYTES], char out[32])
{
    (void)snprintf(out, 32, "events_%.4s%.2s%.2s", day, day + 5, day + 8);
}

int
partitions_missing(struct db *d, int64_t from_us, int64_t days, int64_t *missing,
                   int64_t *first, struct error *e)
{
    *missing = 0;
    *first = -1;
    for (int64_t i = 0; i <= days; i++) {
        char day[CLOCK_TEXT_BYTES], name[32];
        int there = 0;

        clock_format(from_us + i * DAY_US, day);
        name_of(day, name);
        if (is_there(d, name, &there, e) != 0)
            return -1;
        if (!there && (*missing)++ == 0)
            *first = i;
    }
    return 0;
}

/* A commit is seen a moment before the others are told of the new partition, and before
 * its locks are released. */
static int
wait_for_maker(struct db *d, struct error *e)
{
    return db_run_text(d, "SELECT pg_advisory_xact_lock(" LOCK_KEY ")", NULL, e);
}

int
partitions_make(struct db *d, int64_t from_us, int64_t days, struct error *e)
{
    for (int64_t i = 0; i <= days; i++) {
        char day[CLOCK_TEXT_BYTES], next[CLOCK_TEXT_BYTES], name[32];
        struct buf sql = buf_init(SQL_MAX);
        int rc, there = 0;

        clock_format(from_us + i * DAY_US, day);
        clock_format(from_us + (i + 1) * DAY_US, next);
        name_of(day, name);
        if (is_there(d, name, &there, e) != 0)
            return -1;
        if (there && wait_for_maker(d, e) != 0)
            return -1;
        if (there)
            continue;
        buf_add_f(&sql, make_one, name, name, name, name, day, next);
        buf_add_char(&sql, '\0');
        rc = db_run_text(d, sql.data, NULL, e);
        buf_release(&sql);
        if (rc != 0)
            return -1;
        log_write(LOG_LEVEL_INFO, LOG_PARTITION_MADE,
                  &LOG_TEXT("partition", str_of(name)), 1);
    }
    return 0;
}

/* One at a time: a second one waits here and finds nothing to do.  An event that is as
 * old may have made the partition again meanwhile. */
static const char drop_one[] = "SELECT pg_advisory_xact_lock(" LOCK_KEY ");"
                               "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_inherits"
                               " WHERE inhrelid = to_regclass('%s')) THEN"
                               " DROP TABLE IF EXISTS %s;"
                               " END IF; END $$";

/* For DETACH no transaction may be open, so what takes part in one follows alone. */
static int
detach(struct db *d, const char *name, enum partition_state state, struct error *e)
{
    struct buf sql = buf_init(SQL_MAX);
    int rc;

    if (state == PARTITION_DETACHED)
        return 0;
    buf_add_f(&sql, "ALTER TABLE events DETACH PARTITION %s %s", name,
              state == PARTITION_PENDING ? "FINALIZE" : "CONCURRENTLY");
    buf_add_char(&sql, '\0');
    rc = db_run_text(d, sql.data, NULL, e);
    buf_release(&sql);
    return rc;
}

static int
drop_table(struct db *d, const char *name, struct error *e)
{
    struct buf sql = buf_init(SQL_MAX);
    int rc;

    buf_add_f(&sql, drop_one, name, name);
    buf_add_char(&sql, '\0');
    rc = db_run_text(d, sql.data, NULL, e);
    buf_release(&sql);
    return rc;
}

int
partitions_drop(struct db *d, const char *name, enum partition_state state,
                struct error *e)
{
    struct error ignored;
    int rc = db_run_text(d, "SET lock_timeout = '5s'", NULL, e);

    if (rc == 0)
        rc = detach(d, name, state, e);
    CRASH_POINT("partition-detached");
    if (rc == 0)
        rc = drop_table(d, name, e);
    (void)!db_run_text(d, "RESET lock_timeout", NULL, &ignored);
    if (rc == 0)
        log_write(LOG_LEVEL_INFO, LOG_PARTITION_DROPPED,
                  &LOG_TEXT("partition", str_of(name)), 1);
    return rc;
}
