/*
 * doctor: what its parts are given, and the parts.
 *
 * Each looks at one side of an installation and reports all that it finds there; none
 * stops because something is wrong, and each wait in them has an end.  Meanings of all
 * findings: mesherctl(8).
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
    const struct catalog *catalog;
    const char *ca_file; /* certificates to trust; NULL: the system's */
    bool writer_answers;
    struct report report;
    /* Found on the way. */
    bool database_ok, schema_ok;
    bool mesherd_runs;
    struct buf children; /* lines of mesherd's status; NUL-free */
    bool has_service;    /* the user that writer and responders run as is known */
    uid_t service_uid;
    gid_t service_gid;
};

/* For all that a part asks of the database: one that hangs must not hold it up. */
#define DOCTOR_DATABASE_MS 20000

/* mesherd and its children: first, since it tells whom files must belong to. */
void doctor_children(struct doctor *d);

/* The configuration's own file, directories, disk, what lies in the spool. */
void doctor_files(struct doctor *d);

/* Files that wait in the spool; *oldest_s is the age of the oldest in seconds. */
size_t doctor_spool_files(const struct conf *conf, int64_t *oldest_s) MUST_CHECK;

/* Writer, sockets and who may connect to them, websocketd. */
void doctor_sockets(struct doctor *d);

/* PostgreSQL: connection, version, settings, schema, partitions, clock. */
void doctor_database(struct doctor *d);

/* The web server, by requests to public_url and public_ws_url. */
void doctor_web(struct doctor *d);

#endif
