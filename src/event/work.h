/*
 * work: an event under construction, from event_parse() through grouping_event() to
 * event_finish(); for these functions and the modules that they use.
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
#include "frames/trace.h"
#include "json/lookup.h"

/* Of grouping_v2, and of template.c: values of variables. */
struct stackframes;
struct template_values;

struct work {
    struct arena *a;
    const struct event_sentry *sentry; /* NULL: the native rules */
    struct notes notes;
    struct str member[N_MEMBERS];
    struct trace trace;
    bool has_exception;
    struct title_exception exception;
    struct logentry message;
    struct str report, blamed;      /* title and culprit of a browser's report */
    struct str report_grouped;      /* what stands for it in fingerprints */
    struct str report_kind;         /* "csp" and the like */
    struct str named;               /* a title set by a rule */
    unsigned variables;             /* replaced so far */
    struct lookup tags;             /* list is NULL until a tag is looked up */
    struct template_values *values; /* NULL until one is looked up */
    struct frames *frames;          /* NULL until it is grouped */
    struct stackframes *v2_frames;  /* for grouping_v2 */
};

/* Sets *out to text cut to max_chars, and adds a note if it was cut. */
int work_cut(struct work *w, struct str name, struct str text, size_t max_chars,
             struct str *out, struct error *e) MUST_CHECK;

/* Sets *out to the text of the event's tag of that name, absent when it has none; the
 * last of several counts. */
int work_tag(struct work *w, struct str name, struct str *out,
             struct error *e) MUST_CHECK;

/* Sets the columns with the client's own texts: environment to transaction, tags,
 * user. */
int columns_read(struct work *w, struct event *out, struct error *e) MUST_CHECK;

/* Sets type and value from the exception that gives the event its title. */
int columns_read_exception(struct work *w, struct event *out, struct error *e) MUST_CHECK;

#endif
