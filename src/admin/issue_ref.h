/*
 * issue_ref: finds an issue by the name or number that a user typed.
 */
#ifndef MESHER_ADMIN_ISSUE_REF_H
#define MESHER_ADMIN_ISSUE_REF_H

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Numbers and names as texts, for use as parameters of the next statement. */
struct issue_ref {
    char project[24], id[24];
    char fingerprint[40]; /* a bytea of 16 bytes: "\x…" */
    char name[64];        /* "WEB-1" */
    char asked[64];       /* the name of a merged issue that led here, or the same */
};

/* Finds an issue by "SLUG-N" (in any letter case) or "N"; a merged one leads to the issue
 * that it was merged into.  Returns 0, or -1:
 * ERROR_NOT_FOUND, otherwise as db_run(). */
int issue_ref_find(struct db *d, const char *name, struct issue_ref *out,
                   struct error *e) MUST_CHECK;

/* The same within a project, given by its number. */
int issue_ref_find_in(struct db *d, const char *project, const char *name,
                      struct issue_ref *out, struct error *e) MUST_CHECK;

/* Sets out to the number of a project given by number or name.  Returns 0, or -1:
 * ERROR_NOT_FOUND, otherwise as db_run(). */
int issue_ref_project(struct db *d, const char *project, char out[24],
                      struct error *e) MUST_CHECK;

#endif
