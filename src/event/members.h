/*
 * members: the top-level members of an event that Mesher uses, with their types checked.
 *
 * If a name occurs twice, the last one counts, also for the type check; null counts as
 * absent.  A member may also be a string that contains a JSON object; then it is returned
 * as that object.
 */
#ifndef MESHER_EVENT_MEMBERS_H
#define MESHER_EVENT_MEMBERS_H

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/notes.h"

/* In the order of the table in members.c. */
enum member {
    MEMBER_EVENT_ID,
    MEMBER_TIMESTAMP,
    MEMBER_LEVEL,
    MEMBER_MESSAGE,
    MEMBER_LOGENTRY,
    MEMBER_SENTRY_MESSAGE,
    MEMBER_EXCEPTION,
    MEMBER_SENTRY_EXCEPTION,
    MEMBER_STACKTRACE,
    MEMBER_SENTRY_STACKTRACE,
    MEMBER_FINGERPRINT,
    MEMBER_TAGS,
    MEMBER_USER,
    MEMBER_USER_CONTEXT,
    MEMBER_SENTRY_USER,
    MEMBER_CULPRIT,
    MEMBER_ENVIRONMENT,
    MEMBER_RELEASE,
    MEMBER_PLATFORM,
    MEMBER_SERVER_NAME,
    MEMBER_TRANSACTION,
    MEMBER_THREADS,
    MEMBER_SENTRY_THREADS,
    MEMBER_REQUEST,
    MEMBER_SENTRY_REQUEST,
    MEMBER_CSP,
    MEMBER_SENTRY_CSP,
    MEMBER_EXPECT_CT,
    MEMBER_EXPECT_STAPLE,
    MEMBER_HPKP,
    MEMBER_TYPE,
    MEMBER_CHECKSUM,
    MEMBER_TEMPLATE,
    MEMBER_SENTRY_TEMPLATE,
    MEMBER_LOGGER,
    MEMBER_DEBUG_META,
    MEMBER_EXTRA, /* from here on only the type is checked */
    MEMBER_BREADCRUMBS,
    MEMBER_SDK,
    MEMBER_SDK_NAME,
    MEMBER_SDK_VERSION,
    MEMBER_CONTEXTS,
    MEMBER_MODULES,
    N_MEMBERS
};

/* Finds the members of a valid JSON object.  With notes == NULL a member of a wrong type
 * is ERROR_MALFORMED, which names it and the required type, unless only Sentry knows the
 * member; otherwise it is noted and left out.  Returns 0, or -1, also with
 * ERROR_UNAVAILABLE. */
int members_read(struct arena *a, struct str object, struct notes *notes,
                 struct str out[N_MEMBERS], struct error *e) MUST_CHECK;

/* Returns the name of a member in JSON. */
struct str members_name(enum member m) MUST_CHECK;

/* Sets the error of members_read() for a member of a wrong type, for callers that detect
 * it later.  Returns -1. */
int members_bad(enum member m, const char *must_be, struct error *e);

#endif
