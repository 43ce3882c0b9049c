/*
 * items: what is done with each type of item in an envelope (sentry-protocol 5.4, 5.5).
 */
#ifndef MESHER_EVENT_ITEMS_H
#define MESHER_EVENT_ITEMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

enum items_action {
    ITEMS_EVENT,      /* stored as an event */
    ITEMS_SECURITY,   /* a browser's report: stored as an event */
    ITEMS_ATTACHMENT, /* stored beside an event, likewise the two that follow */
    ITEMS_USER_REPORT,
    ITEMS_FEEDBACK,
    ITEMS_SESSION, /* added up, likewise the two that follow */
    ITEMS_SESSIONS,
    ITEMS_CLIENT_REPORT,
    ITEMS_COUNT /* only its number is kept */
};

struct items_type {
    const char *name;
    enum items_action action;
    size_t max_bytes; /* of one; 0: what the configuration says */
};

/* The type with this name; for one that is not known a type named "unknown" that is
 * counted. */
const struct items_type *items_find(struct str name) MUST_CHECK;

#endif
