/*
 * issue: which issue somebody means.
 */
#ifndef MESHER_STORE_ISSUE_H
#define MESHER_STORE_ISSUE_H

#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Texts, as parameters of the next statement. */
struct issue_ref {
    char project[24], id[24];
    char fingerprint[40]; /* a bytea of 16 bytes: "\x…" */
    char name[64];        /* "WEB-1" */
};

/* Finds an issue by "SLUG-N" (in any letter case) or "N".  Returns 0, or -1:
 * ERROR_NOT_FOUND, else as db_run(). */
int issue_find(struct db *d, const char *name, struct issue_ref *out,
               struct error *e) MUST_CHECK;

/* The number of a project that is given by number or name, or ERROR_NOT_FOUND. */
int issue_project(struct db *d, const char *project, char out[24],
                  struct error *e) MUST_CHECK;

#endif
