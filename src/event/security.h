/*
 * security: reports that browsers send about a page, made into events.
 *
 * Content Security Policy in both forms, {"csp-report": {...}} and the list of the
 * Reporting API, Expect-CT, Expect-Staple, and HPKP, which has no name around it
 * (sentry-protocol 3.1).  The event holds the report as it came.
 */
#ifndef MESHER_EVENT_SECURITY_H
#define MESHER_EVENT_SECURITY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Reports in one request at most. */
#define SECURITY_MAX 100U

/* What is known besides the report; absent where it is not. */
struct security_about {
    struct str release, environment, user_agent;
};

/* Makes the JSON texts of the events that a body becomes, from the arena.  Reports of
 * other kinds in a list are passed over.  Returns 0, or -1: ERROR_MALFORMED when it holds
 * none of these reports, ERROR_UNAVAILABLE. */
int security_events(struct arena *a, struct str body, const struct security_about *about,
                    struct str out[SECURITY_MAX], size_t *count,
                    struct error *e) MUST_CHECK;

enum security_kind {
    SECURITY_CSP,
    SECURITY_EXPECT_CT,
    SECURITY_EXPECT_STAPLE,
    SECURITY_HPKP
};

/* "csp", "expect-ct", "expect-staple" or "hpkp". */
struct str security_name(enum security_kind kind) MUST_CHECK;

/* What an event with this report (a JSON object) is called and what is to blame: the
 * directive or the host.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int security_title(struct arena *a, enum security_kind kind, struct str report,
                   struct str *title, struct str *culprit, struct error *e) MUST_CHECK;

#endif
