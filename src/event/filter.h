/*
 * filter: the inbound filters of a project: which events it does not want.
 *
 * A project has a list of words, separated by commas: "browser-extensions",
 * "localhost", "legacy-browsers", "web-crawlers", "message:PATTERN" and
 * "release:PATTERN" (glob.h), or "none"; an empty list means that reports of browsers
 * about extensions are not wanted, and everything else is.  The meaning of the first four
 * follows Sentry's filters of these names; mesher(7) describes them.
 */
#ifndef MESHER_EVENT_FILTER_H
#define MESHER_EVENT_FILTER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/event.h"

enum filter {
    FILTER_NONE,
    FILTER_EXTENSIONS,
    FILTER_LOCALHOST,
    FILTER_BROWSERS,
    FILTER_CRAWLERS,
    FILTER_MESSAGE,
    FILTER_RELEASE,
    N_FILTERS
};

/* Returns the word of a filter, without a pattern; "" for FILTER_NONE. */
const char *filter_name(enum filter f) MUST_CHECK;

/* Checks that a list is valid, at most LIMIT_FILTER_LIST_BYTES.  Returns 0, or -1 with
 * ERROR_MALFORMED, which names the word. */
int filter_check(struct str list, struct error *e) MUST_CHECK;

struct filter_settings {
    struct str list; /* the project's */
    bool report;     /* the event is a browser's report about a page */
};

/* Sets the first filter of the list that applies to an event with this (valid) JSON text.
 * Returns 0, or -1 with ERROR_UNAVAILABLE
 * when the arena is exhausted. */
int filter_find(struct arena *a, const struct filter_settings *s, const struct event *ev,
                struct str json, enum filter *out, struct error *e) MUST_CHECK;

#endif
