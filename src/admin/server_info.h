/*
 * checkup: what PostgreSQL says of itself, and a project that exists for a moment, for
 * mesherctl doctor.
 */
#ifndef MESHER_STORE_CHECKUP_H
#define MESHER_STORE_CHECKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/projects.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Projects of the checkup are called this and their number. */
#define CHECKUP_PROJECT "mesherctl doctor "

struct checkup_server {
    int64_t version;     /* as server_version_num: 150004 */
    int64_t clock_us;    /* its clock, microseconds since 1970 */
    int64_t asked_us;    /* ours, in the middle of the question */
    int64_t connections; /* that this role may have in this database, with others' */
    bool standby;
    char database[64], role[64];
};

struct checkup_setting {
    char value[64];
    char source[32]; /* as pg_settings.source: "configuration file", "user" … */
};

struct checkup_project {
    char id[24], key[65];
};

/* Asks for all of it.  Returns 0, or -1 as db_run(). */
int checkup_server(struct db *d, struct checkup_server *out, struct error *e) MUST_CHECK;

/* A setting as it is for this role in this database.  Returns 0, or -1 as db_run(). */
int checkup_setting(struct db *d, const char *name, struct checkup_setting *out,
                    struct error *e) MUST_CHECK;

/* Makes a project with a key, numbered so high that no number of the sequence is used up;
 * removes those that were left by a checkup that was killed.  Returns 0, or -1 as
 * db_run(). */
int checkup_project_begin(const struct catalog *c, struct checkup_project *out,
                          struct error *e) MUST_CHECK;

/* Removes it with all that was stored for it. */
int checkup_project_end(const struct catalog *c, const struct checkup_project *p,
                        struct error *e) MUST_CHECK;

/* Is the event stored?  Sets *found, and its issue ("WEB-1").  Returns 0, or -1 as
 * db_run(). */
int checkup_event(struct db *d, const char *project, const char *id, bool *found,
                  char issue[64], struct error *e) MUST_CHECK;

#endif
