/*
 * crashfiles: the event and the breadcrumbs that a crash handler leaves as files of
 * MessagePack beside the dump (sentry-protocol 5.5: event.payload, event.breadcrumbs).
 *
 * Crashpad's handler sends what the program kept up to date while it ran: one file is an
 * event, and two hold breadcrumbs, one after the other; it starts the older one anew when
 * the other is full.
 */
#ifndef MESHER_SENTRY_CRASHFILES_H
#define MESHER_SENTRY_CRASHFILES_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "sentry/items.h"

/* Files that are read; further ones are attachments like any other. */
#define CRASHFILES_MAX 4U

/* What was read: JSON objects, parts of one event. */
struct crashfiles {
    struct str object[CRASHFILES_MAX + 1];
    size_t count;
    bool has_event;                              /* not only breadcrumbs */
    struct collected_item *item[CRASHFILES_MAX]; /* the files that they come from */
    size_t items;
};

/* Returns the type of an attachment with this name in a form, absent when it is none of
 * these files. */
struct str crashfiles_type(struct str name) MUST_CHECK;

/* Reads these files among the attachments, except for those that cannot be read or are
 * larger than an event may be.  Of breadcrumbs that end in the middle of one, the others
 * count.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int crashfiles_read(const struct items *p, struct crashfiles *out,
                    struct error *e) MUST_CHECK;

/* What was read is in the event now: these files are no attachments any more. */
void crashfiles_taken(const struct crashfiles *f);

#endif
