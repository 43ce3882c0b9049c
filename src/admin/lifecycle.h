/*
 * lifecycle: what people decide about an issue: resolved, ignored, whose it is, notes.
 *
 * Each is one statement, so it meets a batch of the writer before or after, never in
 * between.  What is so already stays as it is and is not told again.
 */
#ifndef MESHER_STORE_LIFECYCLE_H
#define MESHER_STORE_LIFECYCLE_H

#include "admin/issue_ref.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/db.h"

/* Characters of a note, of a release and of an assignee's name. */
#define LIFECYCLE_NOTE_CHARS 10000U
#define LIFECYCLE_NAME_CHARS 200U

/* resolved_in of an issue that is resolved in the next release, whichever that will be:
 * the releases that were first seen before it was resolved do not reopen it. */
#define LIFECYCLE_NEXT_RELEASE ""

/* Who acts (NULL: nobody who has a name), and on what. */
struct lifecycle {
    struct db *db;
    const struct issue_ref *issue;
    const char *actor;
};

/* Resolved: in a release, in the next (LIFECYCLE_NEXT_RELEASE), or whatever comes (NULL).
 * Returns 0, or -1 with ERROR_NOT_FOUND when it is gone meanwhile, ERROR_MALFORMED for a
 * text that is too long; so do the others. */
int lifecycle_resolve(const struct lifecycle *l, const char *release,
                      struct error *e) MUST_CHECK;

/* Unresolved again. */
int lifecycle_reopen(const struct lifecycle *l, struct error *e) MUST_CHECK;

/* Ignored: until a time (RFC 3339; NULL: no time), or until so many more events (a number
 * as text; NULL: no number); with neither for good. */
int lifecycle_ignore(const struct lifecycle *l, const char *until, const char *count,
                     struct error *e) MUST_CHECK;

/* Somebody's, or with NULL nobody's. */
int lifecycle_assign(const struct lifecycle *l, const char *name,
                     struct error *e) MUST_CHECK;

/* Adds a note. */
int lifecycle_note(const struct lifecycle *l, const char *text,
                   struct error *e) MUST_CHECK;

#endif
