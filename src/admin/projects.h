/*
 * projects: projects and their keys, for the administrator.
 *
 * A project is given by number or name.  Every function returns 0, or -1:
 * ERROR_NOT_FOUND when the project or key does not exist, ERROR_MALFORMED for a value
 * that is not allowed, otherwise as db_run().
 */
#ifndef MESHER_ADMIN_PROJECTS_H
#define MESHER_ADMIN_PROJECTS_H

#include <stdint.h>

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

struct projects {
    struct db *db;                   /* kept */
    const char *public_url;          /* kept; the DSNs' scheme, host and prefix */
    int64_t rate_limit, rate_window; /* for a new project */
};

/* Lists projects: id, name, slug, rate_limit, rate_window, key (the oldest good one),
 * dsn, origins, retention_days, scrub, scrub_ip ("on", "off"), scrub_fields,
 * safe_fields, byte_limit, issue_limit, issue_retention_days, filters.  Lists all
 * projects, or only `project` if it is not NULL. */
int projects_list(const struct projects *c, const char *project, struct table *out,
                  struct error *e) MUST_CHECK;

/* Checks whether this is a valid project name.  Returns 0, or -1 with
 * ERROR_MALFORMED. */
int projects_check_name(const char *name, struct error *e) MUST_CHECK;

/* Adds a project with a first key; id NULL: with the next free number.  Sets out to
 * its number (text). */
int projects_add(const struct projects *c, const char *name, const char *id, char out[24],
                 struct error *e) MUST_CHECK;

/* Settings to change; NULL leaves a setting unchanged. */
struct project_settings {
    const char *name, *rate_limit, *rate_window, *byte_limit, *origins, *retention_days;
    const char *issue_limit, *issue_retention_days;
    const char *scrub, *scrub_ip, *scrub_fields, *safe_fields; /* admit/scrubbing.h */
    const char *filters;                                       /* event/filter.h */
};

/* Changes a project: all of the given settings, or none. */
int projects_set(const struct projects *c, const char *project,
                 const struct project_settings *settings, struct error *e) MUST_CHECK;

/* Removes a project with all its stored data. */
int projects_remove(const struct projects *c, const char *project,
                    struct error *e) MUST_CHECK;

/* Lists keys: project, key, dsn, label, created_at, revoked_at, dsn_legacy.  Lists the
 * keys of all projects if project is NULL, and only the given key if key is not NULL. */
int projects_keys(const struct projects *c, const char *project, const char *key,
                  struct table *out, struct error *e) MUST_CHECK;

/* Adds a key (key NULL: a new random key, which is written to made). */
int projects_add_key(const struct projects *c, const char *project, const char *label,
                     const char *key, char made[65], struct error *e) MUST_CHECK;

/* The number of leading characters that is enough to name a key, if no other key
 * begins with them. */
#define PROJECTS_PREFIX_CHARS 12U

/* Finds the key that equals or begins with this text.  ERROR_NOT_FOUND: there is none;
 * ERROR_MALFORMED: there may be several. */
int projects_find_key(const struct projects *c, const char *text, char out[65],
                      struct error *e) MUST_CHECK;

/* Revokes a key; does nothing if it is already revoked. */
int projects_revoke_key(const struct projects *c, const char *key,
                        struct error *e) MUST_CHECK;

#endif
