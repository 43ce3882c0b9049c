/*
 * server_info: facts and settings of the PostgreSQL server, and a temporary test project,
 * for mesherctl doctor.
 */
#ifndef MESHER_ADMIN_SERVER_INFO_H
#define MESHER_ADMIN_SERVER_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/projects.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* The names of test projects: this prefix and their number. */
#define SERVER_INFO_PROJECT "mesherctl doctor "

struct server_info_server {
    int64_t version;     /* as server_version_num: 150004 */
    int64_t clock_us;    /* the server's clock, microseconds since 1970 */
    int64_t asked_us;    /* our clock, halfway through the query */
    int64_t connections; /* the number that this role may have in this database, shared
                            with others */
    bool standby;
    char database[64], role[64];
};

struct server_info_setting {
    char value[64];
    char source[32]; /* as pg_settings.source: "configuration file", "user" … */
    char file[128];  /* where it is set, when it is a file that this role may know */
    bool ours;       /* Mesher sets it to another value for itself */
};

struct server_info_project {
    char id[24], key[65];
};

/* Reads all of these.  Returns 0, or -1 as db_run(). */
int server_info_server(struct db *d, struct server_info_server *out,
                       struct error *e) MUST_CHECK;

/* Reads a setting, which is a constant, as it applies to this role in this database,
 * apart from what Mesher sets itself.  Returns 0, or -1 as db_run(). */
int server_info_setting(struct db *d, const char *name, struct server_info_setting *out,
                        struct error *e) MUST_CHECK;

struct server_info_owner {
    char owner[64], schema[64]; /* of the tables; "" when there are none */
    bool acts;                  /* this role may do what the owner may */
    bool partitions;            /* this role may create partitions */
};

/* Reads who owns the tables.  Returns 0, or -1 as db_run(). */
int server_info_owner(struct db *d, struct server_info_owner *out,
                      struct error *e) MUST_CHECK;

/* Creates a project with a key, with a number so high that it uses none of the
 * sequence; removes projects that a killed process left behind.  Returns 0, or -1 as
 * db_run(). */
int server_info_project_begin(const struct projects *c, struct server_info_project *out,
                              struct error *e) MUST_CHECK;

/* Removes the project with all its stored data. */
int server_info_project_end(const struct projects *c, const struct server_info_project *p,
                            struct error *e) MUST_CHECK;

/* Checks whether the event is stored.  Sets *found, and its issue ("WEB-1").  Returns
 * 0, or -1 as db_run(). */
int server_info_event(struct db *d, const char *project, const char *id, bool *found,
                      char issue[64], struct error *e) MUST_CHECK;

#endif
