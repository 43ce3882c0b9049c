/*
 * release_health: converts items of type session and sessions to numbers that can be
 * summed up (sentry-protocol 9).
 *
 * A session sends several reports.  Each fact about it (that it began, crashed, ended
 * abnormally, had an error) gets an id derived from the session's own, so that summing by
 * id counts each fact once.  These ids differ in their last byte only, which is a letter,
 * so that store/sql/session.sql finds what else is known about the session: it has one
 * outcome, the worst.
 */
#ifndef MESHER_EVENT_RELEASE_HEALTH_H
#define MESHER_EVENT_RELEASE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

struct release_health_fact {
    bool has_id; /* otherwise each report counts as a session of its own */
    struct uuid id;
    int64_t hour_us; /* start of the hour in which it began */
    struct str release;
    struct str environment; /* empty when there is none */
    int64_t total, crashed, errored, abnormal;
    int user_bit; /* below RECORD_USER_BITS; -1: no user */
};

struct release_health_clock {
    int64_t received_at_us;
    int64_t sent_at_us; /* EVENT_NO_TIME: not given */
};

/* Receives the facts; returns 0, or -1 with e, which stops the reader. */
struct release_health_sink {
    int (*take)(void *context, const struct release_health_fact *fact, struct error *e);
    /* So many sessions are left out: they began more than five days ago, or in the future
     * (sentry-protocol 6.4). */
    void (*drop)(void *context, int64_t count);
    void *context;
};

/* Reads an item (many: one of type sessions) and passes each fact to the sink.  A session
 * without a release, and text that is not a session, yields none.  Returns 0, or -1:
 * ERROR_UNAVAILABLE, ERROR_TOO_LARGE for more than LIMIT_SESSION_BUCKETS buckets, or the
 * sink's error. */
int release_health_read(struct arena *a, struct str text, bool many,
                        const struct release_health_clock *clock,
                        const struct release_health_sink *sink,
                        struct error *e) MUST_CHECK;

#endif
