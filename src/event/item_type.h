/*
 * items: how each type of envelope item is handled (sentry-protocol 5.4, 5.5).
 */
#ifndef MESHER_EVENT_ITEM_TYPE_H
#define MESHER_EVENT_ITEM_TYPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

enum item_action {
    ITEM_EVENT,      /* stored as an event */
    ITEM_SECURITY,   /* a browser's report: stored as an event */
    ITEM_ATTACHMENT, /* stored along with an event, like the next two */
    ITEM_USER_REPORT,
    ITEM_FEEDBACK,
    ITEM_SESSION, /* summed up, like the next two */
    ITEM_SESSIONS,
    ITEM_CLIENT_REPORT,
    ITEM_CHECK_IN, /* stored for its monitor */
    ITEM_COUNTED   /* only counted */
};

struct item_type {
    const char *name;
    enum item_action action;
    size_t max_bytes; /* of one; 0: as configured */
};

/* Returns the type of this name; for an unknown name, a type "unknown" that is only
 * counted. */
const struct item_type *item_type_find(struct str name) MUST_CHECK;

#endif
