/*
 * grouping: determines which issue an event belongs to (sentry-protocol 8.1).
 *
 * The first of these that applies: the client's checksum; an administrator's rule; the
 * client's fingerprint, with its variables; exceptions; the thread that crashed; the
 * event's own stack trace; a template; a browser's report; the message; otherwise all
 * such events of a project form one issue.
 */
#ifndef MESHER_GROUPING_GROUPING_H
#define MESHER_GROUPING_GROUPING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "event/event.h"

enum grouping_strategy {
    GROUPING_NONE, /* not requested */
    GROUPING_CHECKSUM,
    GROUPING_RULE,
    GROUPING_FINGERPRINT,
    GROUPING_EXCEPTION,
    GROUPING_THREADS,
    GROUPING_STACKTRACE,
    GROUPING_TEMPLATE,
    GROUPING_REPORT,
    GROUPING_MESSAGE,
    GROUPING_FALLBACK
};

struct frames;

/* How an event was grouped: its components as they were hashed (fingerprint.h). */
struct grouping_record {
    enum grouping_strategy strategy;
    struct buf components;
    /* The meaning of "{{ default }}" in them; GROUPING_NONE when it does not occur. */
    enum grouping_strategy by_default;
    struct buf default_components;
    size_t rule;                 /* line of the rule; 0: none */
    const struct frames *frames; /* of the event, in its arena */
};

struct rule;
struct rules;
struct work;

/* Computes the fingerprint that an older version of the algorithm gives an event; rule:
 * the one that matches, or NULL.  Returns 0, or -1 with the errors of grouping_event().
 */
typedef int grouping_older(const struct work *work, const struct rule *rule,
                           const struct event *ev, uint8_t out[16], struct error *e);

/* Settings for the grouping of events. */
struct grouping_settings {
    const struct rules *rules; /* the administrator's; NULL: none */
    struct grouping_record
        *record;           /* receives how this event was grouped; NULL: not requested */
    grouping_older *older; /* for projects with issues of that version; NULL: none */
};

/* Sets type, value and fingerprint of *out and the record of g (NULL: no rules, no
 * record) for an event from event_parse(), and the input of event_finish(): the exception
 * that counts, and a title set by a rule.  Returns 0, or -1 with ERROR_UNAVAILABLE, or
 * under the native rules with ERROR_MALFORMED for an invalid part of a fingerprint. */
int grouping_event(struct work *w, const struct grouping_settings *g, struct event *out,
                   struct error *e) MUST_CHECK;

/* Runs event_parse() or event_parse_sentry(), grouping_event() and event_finish() for a
 * whole event.  Arguments and results are theirs. */
int grouping_parse(struct arena *a, struct str json, int64_t received_at_us,
                   const struct grouping_settings *g, struct event *out,
                   struct error *e) MUST_CHECK;
int grouping_parse_sentry(struct arena *a, struct str json,
                          const struct event_sentry *how,
                          const struct grouping_settings *g, struct event *out,
                          struct error *e) MUST_CHECK;

/* Returns the name of a strategy: "exception". */
const char *grouping_name(enum grouping_strategy strategy) MUST_CHECK;

/* Initialise an empty record, and release it. */
void grouping_record_init(struct grouping_record *r, size_t max_bytes);
void grouping_record_release(struct grouping_record *r);

#endif
