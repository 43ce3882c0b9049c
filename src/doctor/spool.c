/* The content of the spool: do files wait, and why? */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "doctor/doctor.h"
#include "spool/folder.h"

#define PATH_BYTES 4200

/* A file that is older than this is not being replayed. */
#define OLD_S 120

static int
is_spool_file(const struct dirent *entry)
{
    return folder_is_name(entry->d_name);
}

/* Returns the number of files in a part of the spool, and the age of the oldest in
 * seconds. */
static size_t
count(const char *dir, const char *part, int64_t *oldest_s)
{
    char path[PATH_BYTES];
    struct dirent **found = NULL;
    struct stat st;
    int n;

    *oldest_s = 0;
    (void)snprintf(path, sizeof path, "%s/%s", dir, part);
    n = scandir(path, &found, is_spool_file, alphasort);
    if (n > 0) {
        (void)snprintf(path, sizeof path, "%s/%s/%s", dir, part, found[0]->d_name);
        if (stat(path, &st) == 0)
            *oldest_s = time(NULL) - st.st_mtime;
    }
    for (int i = 0; i < n; i++)
        free(found[i]);
    free(found);
    return n > 0 ? (size_t)n : 0;
}

size_t
doctor_spool_files(const struct conf *conf, int64_t *oldest_s)
{
    return count(conf->spool_dir, "new", oldest_s);
}

/* Tries what a replay does first, and takes it back.  Returns 0, or -1 with the reason in
 * e. */
static int
try_to_store(struct doctor *d, struct error *e)
{
    struct error ignored;
    int rc = db_run_text(d->db,
                         "BEGIN; INSERT INTO event_ids (project_id, id, received_at)"
                         " VALUES (0, gen_random_uuid(), now())",
                         NULL, e);

    if (db_is_connected(d->db))
        (void)!db_run_text(d->db, "ROLLBACK", NULL, &ignored);
    return rc;
}

/* Says why they wait, and what helps. */
static void
explain(struct doctor *d)
{
    struct report *r = &d->report;
    struct error e;

    db_set_deadline(d->db, clock_now_ms() + DOCTOR_DATABASE_MS);
    if (d->read_only) {
        report_why(r, "the database accepts no changes");
        report_mend(r, "as for read_only, above");
    } else if (!d->schema_ok) {
        report_why(r, "the schema must be correct first");
        report_mend(r, "as for schema, above");
    } else if (try_to_store(d, &e) != 0) {
        report_why(r, "%s", e.detail[0] == '\0' ? e.text : e.detail);
        report_mend(r, "remove that reason, then: mesherctl spool flush");
    } else if (d->conf->writer_socket[0] != '\0' && !d->writer_answers) {
        report_why(r, "the writer, which replays them, does not answer");
        report_mend(r, "as for writer, above");
    } else {
        report_why(r, "the database answers and accepts changes: see event=database_lost "
                      "in the log of the writer or the ticker");
        report_mend(r, "mesherctl spool flush");
    }
}

static void
check_waiting(struct doctor *d)
{
    int64_t oldest_s, ignored;
    size_t waiting = doctor_spool_files(d->conf, &oldest_s),
           bad = count(d->conf->spool_dir, "bad", &ignored);
    struct report *r = &d->report;

    if (waiting > 0 && oldest_s > OLD_S) {
        report_add(r, d->database_ok ? REPORT_FAIL : REPORT_WARN, "spool-files",
                   "%zu files wait, the oldest for %lld s", waiting, (long long)oldest_s);
        if (d->database_ok)
            explain(d);
        else
            report_mend(r, "as for database, above: they are replayed when it is back");
    }
    if (bad > 0) {
        report_add(r, REPORT_WARN, "spool-files", "%zu damaged files were set aside",
                   bad);
        report_mend(r, "mesherctl spool list, then: mesherctl spool retry all");
    }
    if (bad == 0 && (waiting == 0 || oldest_s <= OLD_S))
        report_add(r, REPORT_OK, "spool-files", "%zu wait", waiting);
}

void
doctor_spool(struct doctor *d)
{
    if (d->conf->spool_dir[0] != '\0')
        check_waiting(d);
}
