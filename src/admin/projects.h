/*
 * catalog: projects and keys, for the administrator.
 *
 * A project is named by its number or its name.  Every function gives ERROR_NOT_FOUND
 * when there is no such project or key, ERROR_MALFORMED for a value that is not allowed,
 * else as db_run().
 */
#ifndef MESHER_STORE_CATALOG_H
#define MESHER_STORE_CATALOG_H

#include <stdint.h>

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

struct catalog {
    struct db *db;                   /* kept */
    const char *public_url;          /* kept; the DSNs' scheme, host and prefix */
    int64_t rate_limit, rate_window; /* of a new project */
};

/* Projects: id, name, slug, rate_limit, rate_window, key (the oldest that is good), dsn,
 * origins.
 * All, or with project != NULL that one. */
int catalog_projects(const struct catalog *c, const char *project, struct table *out,
                     struct error *e) MUST_CHECK;

/* Can a project be called so?  Returns 0, or -1 with ERROR_MALFORMED. */
int catalog_check_name(const char *name, struct error *e) MUST_CHECK;

/* Adds a project with a first key; id NULL: the next free number.  Sets its number in out
 * (text). */
int catalog_add_project(const struct catalog *c, const char *name, const char *id,
                        char out[24], struct error *e) MUST_CHECK;

/* Settings to change; NULL: as it is. */
struct catalog_settings {
    const char *name, *rate_limit, *rate_window, *origins, *retention_days;
};

/* Changes a project, all of the settings or none. */
int catalog_set_project(const struct catalog *c, const char *project,
                        const struct catalog_settings *settings,
                        struct error *e) MUST_CHECK;

/* Removes a project with all that is stored for it. */
int catalog_remove_project(const struct catalog *c, const char *project,
                           struct error *e) MUST_CHECK;

/* Keys: project, key, dsn, label, created_at, revoked_at; of all projects when project is
 * NULL, and only the one when key is not NULL. */
int catalog_keys(const struct catalog *c, const char *project, const char *key,
                 struct table *out, struct error *e) MUST_CHECK;

/* Adds a key (key NULL: a new random one, which is put into made). */
int catalog_add_key(const struct catalog *c, const char *project, const char *label,
                    const char *key, char made[65], struct error *e) MUST_CHECK;

/* Revokes a key; one that is revoked already stays so. */
int catalog_revoke_key(const struct catalog *c, const char *key,
                       struct error *e) MUST_CHECK;

#endif
