#include "store/partitions.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/sql.h"
#include "store/sqltext.h"

#define DAY_US 86400000000LL

/* Arbitrary numbers that nothing else uses as advisory locks in this database. */
#define LOCK_KEY "7239421801"
#define DROP_LOCK_KEY "7239421803"

/* Creates a partition.  The first 10 characters of day and next are the date. */
static int
make(struct db *d, const char *name, const char *day, const char *next, struct error *e)
{
    char from[11], to[11];
    const struct sqltext values[] = {
        {"lock", LOCK_KEY}, {"name", name}, {"day", from}, {"next", to}};
    struct buf sql;
    int rc;

    (void)snprintf(from, sizeof from, "%.10s", day);
    (void)snprintf(to, sizeof to, "%.10s", next);
    sqltext_fill(store_sql_partition_make, values, COUNT_OF(values), &sql);
    rc = sql.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                    : db_run_text(d, sql.data, NULL, e);
    buf_release(&sql);
    return rc;
}

static int
is_there(struct db *d, const char *name, int *there, struct error *e)
{
    const char *const params[] = {name};
    PGresult *r;

    if (db_run_params(d, store_sql_partition_there, params, 1, &r, e) != 0)
        return -1;
    *there = libpq.PQntuples(r) > 0;
    libpq.PQclear(r);
    return 0;
}

/* Writes the name of the partition for a day. */
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

/* A commit becomes visible shortly before other sessions learn of the new partition,
 * and before its locks are released. */
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
        int there = 0;

        clock_format(from_us + i * DAY_US, day);
        clock_format(from_us + (i + 1) * DAY_US, next);
        name_of(day, name);
        if (is_there(d, name, &there, e) != 0)
            return -1;
        if (there && wait_for_maker(d, e) != 0)
            return -1;
        if (there)
            continue;
        if (make(d, name, day, next, e) != 0)
            return -1;
        log_write(LOG_LEVEL_INFO, LOG_PARTITION_MADE,
                  &LOG_TEXT("partition", str_of(name)), 1);
    }
    return 0;
}

int
partitions_drop(struct db *d, const char *name, struct error *e)
{
    const struct sqltext values[] = {
        {"lock", LOCK_KEY}, {"drop_lock", DROP_LOCK_KEY}, {"name", name}};
    struct buf sql;
    PGresult *r = NULL;
    int rc;

    sqltext_fill(store_sql_partition_drop, values, COUNT_OF(values), &sql);
    rc = sql.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                    : db_run_text(d, sql.data, &r, e);
    if (rc == 0 && str_eq(db_get_str(r, 0, 0), STR("t")))
        log_write(LOG_LEVEL_INFO, LOG_PARTITION_DROPPED,
                  &LOG_TEXT("partition", str_of(name)), 1);
    libpq.PQclear(r);
    buf_release(&sql);
    return rc;
}
