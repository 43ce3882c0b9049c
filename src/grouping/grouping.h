/*
 * group: which issue an event belongs to (sentry-protocol 8.1).
 *
 * The first of these that says something: the checksum of the client's; a rule of the
 * administrator's; the fingerprint of the client's, with its variables; exceptions; the
 * thread that crashed; the event's own stack trace; a template; a browser's report; the
 * message; else all such events of a project are one issue.
 */
#ifndef MESHER_EVENT_GROUP_H
#define MESHER_EVENT_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "event/event.h"

enum group_strategy {
    GROUP_NONE, /* not asked */
    GROUP_CHECKSUM,
    GROUP_RULE,
    GROUP_FINGERPRINT,
    GROUP_EXCEPTION,
    GROUP_THREADS,
    GROUP_STACKTRACE,
    GROUP_TEMPLATE,
    GROUP_REPORT,
    GROUP_MESSAGE,
    GROUP_FALLBACK
};

/* How an event was grouped: components as they were hashed (fingerprint.h). */
struct group_record {
    enum group_strategy strategy;
    struct buf components;
    /* What "{{ default }}" in them stands for; GROUP_NONE when it is not there. */
    enum group_strategy by_default;
    struct buf default_components;
    size_t rule; /* line of the rule; 0: none */
};

struct work;

/* Sets out->fingerprint, w->named and the record that w->grouping has.  Wants the
 * columns. Returns 0, or -1 with ERROR_UNAVAILABLE, or by the native rules with
 * ERROR_MALFORMED for a part of a fingerprint that cannot be one. */
int group_event(struct work *w, struct event *out, struct error *e) MUST_CHECK;

/* What it is called: "exception". */
const char *group_name(enum group_strategy strategy) MUST_CHECK;

/* An empty record, and its end. */
void group_record_init(struct group_record *r, size_t max_bytes);
void group_record_release(struct group_record *r);

#endif
