/*
 * lifecycle: people's decisions about an issue: resolved, ignored, assignee, notes.
 *
 * Each is one statement, so it runs before or after a batch of the writer, never in the
 * middle.  A decision that is already in effect changes nothing and is not recorded
 * again.
 */
#ifndef MESHER_ADMIN_LIFECYCLE_H
#define MESHER_ADMIN_LIFECYCLE_H

#include "admin/issue_ref.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Maximum characters in a note, and in a release or an assignee's name. */
#define LIFECYCLE_NOTE_CHARS 10000U
#define LIFECYCLE_NAME_CHARS 200U

/* The value of resolved_in for an issue that is resolved in the next release,
 * whichever that will be: releases that were first seen before the issue was resolved
 * do not reopen it. */
#define LIFECYCLE_NEXT_RELEASE ""

/* Who acts (NULL: no name given), and on which issue. */
struct lifecycle {
    struct db *db;
    const struct issue_ref *issue;
    const char *actor;
};

/* Resolves the issue: in a release, in the next one (LIFECYCLE_NEXT_RELEASE), or in
 * whichever release (NULL).  Returns 0, or -1: ERROR_NOT_FOUND when the issue was
 * deleted meanwhile, ERROR_MALFORMED for a text that is too long, otherwise as
 * db_run().  The other functions return the same. */
int lifecycle_resolve(const struct lifecycle *l, const char *release,
                      struct error *e) MUST_CHECK;

/* Reopens the issue: it is unresolved again. */
int lifecycle_reopen(const struct lifecycle *l, struct error *e) MUST_CHECK;

/* Ignores the issue until a time (RFC 3339; NULL: no time) or for this many more
 * events (a number as text; NULL: no number); for good when both are NULL. */
int lifecycle_ignore(const struct lifecycle *l, const char *until, const char *count,
                     struct error *e) MUST_CHECK;

/* Assigns the issue to a person, or with NULL to nobody. */
int lifecycle_assign(const struct lifecycle *l, const char *name,
                     struct error *e) MUST_CHECK;

/* Adds a note. */
int lifecycle_note(const struct lifecycle *l, const char *text,
                   struct error *e) MUST_CHECK;

#endif
