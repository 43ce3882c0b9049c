/*
 * sessions: items of type session and sessions, as numbers to be added up
 * (sentry-protocol 9).
 *
 * A session tells of itself several times.  What is counted of it, that it was, that it
 * crashed, that it ended abnormally, that it had an error, each has an id made of the
 * session's own, so that adding up by id counts each once.
 */
#ifndef MESHER_EVENT_SESSIONS_H
#define MESHER_EVENT_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

struct sessions_fact {
    bool has_id; /* else it is one of its own each time */
    struct uuid id;
    int64_t hour_us; /* beginning of the hour in which it began */
    struct str release;
    struct str environment; /* empty when there is none */
    int64_t total, crashed, errored, abnormal;
    int user_bit; /* below RECORD_USER_BITS; -1: no user */
};

struct sessions_clock {
    int64_t received_at_us;
    int64_t sent_at_us; /* EVENT_NO_TIME: not given */
};

/* Who takes the facts: 0, or -1 with e, which ends it all. */
struct sessions_sink {
    int (*take)(void *context, const struct sessions_fact *fact, struct error *e);
    void *context;
};

/* Reads an item (many: one of type sessions) and gives each fact to the sink.  A session
 * without a release, and what is no session, gives none.  Returns 0, or -1:
 * ERROR_UNAVAILABLE, ERROR_TOO_LARGE for more than LIMIT_SESSION_BUCKETS buckets, or what
 * the sink gave. */
int sessions_read(struct arena *a, struct str text, bool many,
                  const struct sessions_clock *clock, const struct sessions_sink *sink,
                  struct error *e) MUST_CHECK;

#endif
