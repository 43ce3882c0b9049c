/*
 * checkin: reads check-ins of monitors (sentry-protocol 3.2, 5.4): items of the type
 * check_in, and requests to /cron/.
 */
#ifndef MESHER_EVENT_CHECKIN_H
#define MESHER_EVENT_CHECKIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

/* The values of a check-in as sent; absent: not given. */
struct checkin_texts {
    struct str slug, status, id, environment, duration;
    struct str config; /* JSON */
};

struct checkin {
    struct str slug, environment;
    struct str status; /* ok, in_progress or error */
    bool has_id;       /* otherwise it is about the check-in in progress, or a new one */
    struct uuid id;
    int64_t duration_ms; /* -1: not given */
    struct str config;   /* a JSON object for the table; absent: not given */
};

/* Sets the texts that a JSON object has; leaves the others as they are.  Returns 0, or
 * -1: ERROR_MALFORMED, ERROR_UNAVAILABLE. */
int checkin_texts(struct arena *a, struct str json, struct checkin_texts *t,
                  struct error *e) MUST_CHECK;

/* Checks a check-in.  Letters of a slug become small, and a run of anything but letters,
 * digits and _ becomes a -; without an environment, it is production.  Texts point into
 * t, a or static memory.  Returns 0, or -1: ERROR_MALFORMED, which names the member and
 * its limit, ERROR_UNAVAILABLE. */
int checkin_read(struct arena *a, const struct checkin_texts *t, struct checkin *out,
                 struct error *e) MUST_CHECK;

#endif
