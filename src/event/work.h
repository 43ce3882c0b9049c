/*
 * work: an event while it is being put together; for event.c, columns.c, group.c and what
 * that one works with only.
 */
#ifndef MESHER_EVENT_WORK_H
#define MESHER_EVENT_WORK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "event/event.h"
#include "event/logentry.h"
#include "event/members.h"
#include "event/notes.h"
#include "event/title.h"
#include "event/trace.h"
#include "grouping/stackframe.h"

struct work {
    struct arena *a;
    const struct event_sentry *sentry; /* NULL: the native rules */
    struct notes notes;
    struct str member[MEMBER_COUNT];
    struct trace trace;
    bool has_exception;
    struct title_exception exception;
    struct logentry message;
    struct str report, blamed;             /* title and culprit of a browser's report */
    struct str report_kind;                /* "csp" and the like */
    struct str named;                      /* a title that a rule gave */
    unsigned variables;                    /* replaced so far */
    const struct event_grouping *grouping; /* may be NULL */
    struct frames frames;
};

/* *out = text cut to max_chars, with a note when that was needed. */
int work_cut(struct work *w, struct str name, struct str text, size_t max_chars,
             struct str *out, struct error *e) MUST_CHECK;

/* Sets the columns that are texts of the client's: environment to value, tags, user. */
int columns_read(struct work *w, struct event *out, struct error *e) MUST_CHECK;

#endif
