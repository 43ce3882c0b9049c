#include "store/migrate.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/num.h"
#include "store/sql.h"
#include "store/sqltext.h"

#define FILE_MAX_BYTES (4 * LIMIT_MIB)

/* How long to wait for another process that applies a migration. */
#define MIGRATE_WAIT "60s"
#define LOCK_KEY "7239421802"
#define LOCK_NOT_AVAILABLE "55P03"
#define CHECKSUM_BYTES 33U
#define UNDEFINED_TABLE "42P01"

struct migration {
    char name[128]; /* NNNN-name.sql */
};

PRINTF_LIKE(2, 3)

static int
mismatch(struct error *e, const char *fmt, ...)
{
    va_list ap;

    error_set(e, ERROR_CONFIG, "schema mismatch");
    va_start(ap, fmt);
    (void)vsnprintf(e->detail, sizeof e->detail, fmt, ap);
    va_end(ap);
    return -1;
}

static int
is_migration(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return n > 9 && n < sizeof(struct migration) &&
           strspn(d->d_name, "0123456789") == 4 && d->d_name[4] == '-' &&
           strcmp(d->d_name + n - 4, ".sql") == 0;
}

/* Reads the directory: files[i] is migration i + 1.  Returns the number of files, or
 * -1. */
static int
list_files(const char *dir, struct migration files[MIGRATE_MAX], struct error *e)
{
    struct dirent **found = NULL;
    int n = scandir(dir, &found, is_migration, alphasort), rc = n;

    if (n < 0) {
        error_errno(e, dir);
        e->kind = ERROR_CONFIG;
        return -1;
    }
    for (int i = 0; i < n; i++) {
        int64_t number = 0;

        if (rc >= 0 &&
            ((size_t)i >= MIGRATE_MAX ||
             num_parse((struct str){found[i]->d_name, 4}, 1, 9999, &number) != 0 ||
             number != i + 1))
            rc = mismatch(e, "%.150s: there must be one file numbered %04d", dir, i + 1);
        if (rc >= 0)
            (void)snprintf(files[i].name, sizeof files[i].name, "%.127s",
                           found[i]->d_name);
        free(found[i]);
    }
    free(found);
    if (n == 0)
        return mismatch(e, "%.150s: has no migration", dir);
    return rc;
}

static int
read_migration(const char *dir, const struct migration *m, struct buf *sql,
               char checksum[CHECKSUM_BYTES], struct error *e)
{
    char path[4200];
    XXH128_hash_t h;

    (void)snprintf(path, sizeof path, "%s/%s", dir, m->name);
    if (io_read_file(path, sql, e) != 0)
        return -1;
    h = XXH3_128bits(sql->data, sql->n);
    (void)snprintf(checksum, CHECKSUM_BYTES, "%016llx%016llx",
                   (unsigned long long)h.high64, (unsigned long long)h.low64);
    return 0;
}

/* Reads the recorded migrations, oldest first: version, checksum. */
static int
read_applied(struct db *d, PGresult **out, struct error *e)
{
    return db_run_params(
        d, "SELECT version, checksum FROM schema_migrations ORDER BY version", NULL, 0,
        out, e);
}

/* Checks one recorded migration against its file. */
static int
compare(const char *dir, const struct migration *m, const PGresult *r, int row,
        struct error *e)
{
    struct buf sql = buf_init(FILE_MAX_BYTES);
    char checksum[CHECKSUM_BYTES], version[16];
    int rc = read_migration(dir, m, &sql, checksum, e);

    (void)snprintf(version, sizeof version, "%d", row + 1);
    if (rc == 0 && (!str_eq(db_get_str(r, row, 0), str_of(version)) ||
                    !str_eq(db_get_str(r, row, 1), str_of(checksum))))
        rc = mismatch(e, "%s was changed after it had been applied", m->name);
    buf_release(&sql);
    return rc;
}

static int
compare_all(struct db *d, const char *dir, const struct migration *files, int count,
            int *applied, struct error *e)
{
    PGresult *r;
    int rc = 0;

    if (read_applied(d, &r, e) != 0)
        return -1;
    *applied = libpq.PQntuples(r);
    if (*applied > count)
        rc = mismatch(e, "the database has schema %d, these programs know %d", *applied,
                      count);
    for (int i = 0; i < *applied && rc == 0; i++)
        rc = compare(dir, &files[i], r, i, e);
    libpq.PQclear(r);
    return rc;
}

/* Ends the transaction of a migration, and terminates the text with a NUL. */
static void
add_record(struct buf *text, int version, const char *name, const char *checksum)
{
    char number[24];
    const struct sqltext values[] = {
        {"version", number}, {"name", name}, {"checksum", checksum}};
    struct buf record;

    num_format(version, number);
    sqltext_fill(store_sql_migration_record, values, COUNT_OF(values), &record);
    if (record.failed)
        text->failed = true;
    else
        buf_add_f(text, "\n;%s; COMMIT", record.data);
    buf_add_char(text, '\0');
    buf_release(&record);
}

/* Applies a migration within a transaction, and commits. */
static int
apply(struct db *d, const char *dir, const struct migration *m, int version,
      struct error *e)
{
    struct buf sql = buf_init(FILE_MAX_BYTES),
               text = buf_init(FILE_MAX_BYTES + LIMIT_KIB);
    char checksum[CHECKSUM_BYTES];
    int rc = read_migration(dir, m, &sql, checksum, e);

    if (rc == 0) {
        buf_add_str(&text, buf_str(&sql));
        add_record(&text, version, m->name, checksum);
        rc = text.failed ? error_set(e, ERROR_SYSTEM, "out of memory")
                         : db_run_text(d, text.data, NULL, e);
        if (rc != 0)
            error_prefix(e, "%s", m->name);
    }
    buf_release(&sql);
    buf_release(&text);
    return rc;
}

int
migrate_find(struct db *d, struct migrate_place *out, struct error *e)
{
    PGresult *r;

    *out = (struct migrate_place){.schema = ""};
    if (db_run_params(d, store_sql_elsewhere, NULL, 0, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) > 0) {
        str_copy(db_get_str(r, 0, 0), out->schema, sizeof out->schema);
        str_copy(db_get_str(r, 0, 1), out->search_path, sizeof out->search_path);
    }
    libpq.PQclear(r);
    return 0;
}

/* Returns 0 when search_path leads to the tables, or when there are none. */
static int
check_place(struct db *d, struct error *e)
{
    struct migrate_place place;

    if (migrate_find(d, &place, e) != 0)
        return -1;
    return place.schema[0] == '\0'
               ? 0
               : mismatch(e,
                          "the tables are in schema %s, where the role's search_path "
                          "(%s) does not lead: ALTER ROLE ROLE SET search_path = %s",
                          place.schema, place.search_path, place.schema);
}

/* Events are in UTF-8; another encoding cannot store all of them. */
static int
check_encoding(struct db *d, struct error *e)
{
    const char *encoding = db_encoding(d);

    return strcmp(encoding, "UTF8") == 0
               ? 0
               : mismatch(e,
                          "the database's encoding is %s, not UTF8: createdb -E UTF8 -T "
                          "template0 NEW",
                          encoding);
}

/* Creates the list of migrations if there is none. */
static int
make_list(struct db *d, struct error *e)
{
    if (check_encoding(d, e) != 0 || check_place(d, e) != 0)
        return -1;
    return db_run_text(d, store_sql_migrations_table, NULL, e);
}

/* Begins a transaction that only one process can be in: the lock ends with it. */
static int
begin(struct db *d, struct error *e)
{
    if (db_run_text(d,
                    "BEGIN; SET LOCAL lock_timeout = '" MIGRATE_WAIT "';"
                    " SELECT pg_advisory_xact_lock(" LOCK_KEY ");"
                    " SET LOCAL lock_timeout = 0",
                    NULL, e) == 0)
        return 0;
    if (strcmp(e->sqlstate, LOCK_NOT_AVAILABLE) == 0)
        error_detail(e, "another session has held the lock of `migrate` for " MIGRATE_WAIT
                        ": SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND "
                        "(classid::bigint << 32) + objid::bigint = " LOCK_KEY);
    return -1;
}

/* Applies the next migration, if any; sets *applied to the number of those applied
 * before. */
static int
apply_next(struct db *d, const char *dir, const struct migration *files, int count,
           int *applied, struct error *e)
{
    int rc = begin(d, e);

    if (rc == 0)
        rc = make_list(d, e);
    if (rc == 0)
        rc = compare_all(d, dir, files, count, applied, e);
    if (rc == 0 && *applied < count)
        rc = apply(d, dir, &files[*applied], *applied + 1, e);
    else if (rc == 0)
        rc = db_run_text(d, "COMMIT", NULL, e);
    if (rc != 0 && db_is_connected(d)) {
        struct error ignored;

        (void)!db_run_text(d, "ROLLBACK", NULL, &ignored);
    }
    return rc;
}

int
migrate_run(struct db *d, const char *sql_dir, struct migrate_result *out,
            struct error *e)
{
    struct migration *files = calloc(MIGRATE_MAX, sizeof *files);
    int count, before = 0, rc;

    out->count = 0;
    if (files == NULL)
        return error_errno(e, "migrate");
    count = list_files(sql_dir, files, e);
    do {
        rc = count > 0 ? apply_next(d, sql_dir, files, count, &before, e) : -1;
        if (rc == 0 && before < count)
            out->applied[out->count++] = before + 1;
    } while (rc == 0 && before < count);
    out->schema = count;
    free(files);
    return rc;
}

int
migrate_check(struct db *d, const char *sql_dir, struct error *e)
{
    struct migration *files = calloc(MIGRATE_MAX, sizeof *files);
    PGresult *r = NULL;
    int count, version = 0, rc = -1;

    if (files == NULL)
        return error_errno(e, "migrate");
    count = list_files(sql_dir, files, e);
    if (count > 0)
        rc = db_run(d, STATEMENT_SCHEMA, NULL, 0, &r, e);
    if (rc == 0)
        version = db_get_int4(r, 0, 0);
    else if (strcmp(e->sqlstate, UNDEFINED_TABLE) == 0)
        rc = check_place(d, e) != 0
                 ? -1
                 : mismatch(e, "the database has no schema: run mesherctl migrate");
    if (rc == 0 && version != count)
        rc = mismatch(
            e,
            "the database has schema %d, these programs want %d: run mesherctl migrate",
            version, count);
    libpq.PQclear(r);
    free(files);
    return rc;
}

int
migrate_look(struct db *d, const char *sql_dir, enum migrate_state *state, int *schema,
             int *wanted, struct error *e)
{
    struct migration *files = calloc(MIGRATE_MAX, sizeof *files);
    int rc;

    *schema = 0;
    *state = MIGRATE_NONE;
    if (files == NULL)
        return error_errno(e, "migrate");
    *wanted = list_files(sql_dir, files, e);
    rc = *wanted > 0 ? compare_all(d, sql_dir, files, *wanted, schema, e) : -1;
    if (rc == 0 && *schema > 0) {
        *state = *schema < *wanted ? MIGRATE_OLDER : MIGRATE_CURRENT;
    } else if (rc != 0 && *wanted > 0 && e->kind == ERROR_CONFIG) {
        *state = *schema > *wanted ? MIGRATE_NEWER : MIGRATE_CHANGED;
        rc = 0;
    } else if (rc != 0 && *wanted > 0 && strcmp(e->sqlstate, UNDEFINED_TABLE) == 0) {
        rc = check_place(d, e);
        if (rc != 0 && e->kind == ERROR_CONFIG) {
            *state = MIGRATE_ELSEWHERE;
            rc = 0;
        }
    }
    free(files);
    return rc;
}
