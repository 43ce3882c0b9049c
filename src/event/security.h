/*
 * security: converts reports that browsers send about a page into events.
 *
 * Content Security Policy in both forms, {"csp-report": {...}} and the list of the
 * Reporting API, Expect-CT, Expect-Staple, and HPKP, which has no name around it
 * (sentry-protocol 3.1).  The event contains the report unchanged.
 */
#ifndef MESHER_EVENT_SECURITY_H
#define MESHER_EVENT_SECURITY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Maximum number of reports in one request. */
#define SECURITY_MAX 100U

/* Facts from outside the report; absent when unknown. */
struct security_about {
    struct str release, environment, user_agent;
};

/* Creates the JSON texts of the events in a body, from the arena.  Reports of other kinds
 * in a list are skipped.  Returns 0, or -1: ERROR_MALFORMED when the body contains none
 * of these reports, ERROR_UNAVAILABLE. */
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

struct security_text {
    struct str title;
    struct str culprit; /* the directive or the host */
    struct str grouped; /* the title as it has to stand in fingerprints, for good */
};

/* Sets the texts of an event with this report (a JSON object).  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int security_title(struct arena *a, enum security_kind kind, struct str report,
                   struct security_text *out, struct error *e) MUST_CHECK;

#endif
