/*
 * releases: releases with their sessions, for the administrator.
 *
 * A project is given by number or name.  Both functions return 0, or -1:
 * ERROR_NOT_FOUND, otherwise as db_run().
 */
#ifndef MESHER_ADMIN_RELEASES_H
#define MESHER_ADMIN_RELEASES_H

#include "admin/table.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Lists releases with sessions: release, sessions, crashed, errored, abnormal,
 * crash_free_rate, users, first_seen, last_seen; the most recently seen first, at most
 * limit. */
int releases_list(struct db *d, const char *project, const char *limit, struct table *out,
                  struct error *e) MUST_CHECK;

/* Shows one release: the same columns for each environment, whose name replaces the
 * release. */
int releases_one(struct db *d, const char *project, const char *release,
                 struct table *out, struct error *e) MUST_CHECK;

#endif
