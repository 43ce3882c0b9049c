/*
 * doctor: the parts of `mesherctl doctor`, and their shared state.
 *
 * Each part examines one side of an installation and reports all its findings; none stops
 * at a fault, and each wait is limited.  mesherctl(8) explains all findings.
 */
#ifndef MESHER_DOCTOR_DOCTOR_H
#define MESHER_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "admin/projects.h"
#include "base/buf.h"
#include "doctor/report.h"
#include "setup/conf.h"
#include "store/db.h"

struct doctor {
    const struct conf *conf;
    const char *conf_path; /* NULL: there is no file */
    struct db *db;
    const struct projects *projects;
    const char *ca_file; /* certificates to trust; NULL: the system's */
    bool writer_answers;
    struct report report;
    /* Facts established by earlier parts. */
    bool database_ok, schema_ok;
    bool read_only; /* the database accepts no changes */
    bool mesherd_runs;
    struct buf children; /* lines of mesherd's status; NUL-free */
    bool has_service;    /* the user that runs writer and responders is known */
    uid_t service_uid;
    gid_t service_gid;
};

/* Time limit for all of a part's questions to the database, so that a hanging one cannot
 * stop the part. */
#define DOCTOR_DATABASE_MS 20000

/* Checks mesherd and its children.  Runs first, since it determines who must own the
 * files. */
void doctor_children(struct doctor *d);

/* Checks the configuration file, directories and disk. */
void doctor_files(struct doctor *d);

/* Checks whether files wait in the spool although the database could store them; runs
 * after doctor_database(). */
void doctor_spool(struct doctor *d);

/* Returns the number of files in the spool; *oldest_s is the age of the oldest in
 * seconds. */
size_t doctor_spool_files(const struct conf *conf, int64_t *oldest_s) MUST_CHECK;

/* Checks the writer, the sockets and their permissions, and websocketd. */
void doctor_sockets(struct doctor *d);

/* Adds what helps against a failed connection; `why` is its text. */
void doctor_mend_connection(struct doctor *d, const char *why);

/* Checks PostgreSQL: connection, version, settings, schema, partitions, clock. */
void doctor_database(struct doctor *d);

/* Checks the web server, with requests to public_url and public_ws_url. */
void doctor_web(struct doctor *d);

#endif
