/*
 * items: collects the items of one request to a Sentry endpoint as they arrive.
 *
 * Events, reports and sessions are kept in memory, together up to
 * LIMIT_ENVELOPE_EVENTS_KEPT events of the largest size; attachments, except small ones,
 * go to a temporary file; items that are only counted are not kept.  An attachment that
 * is too large is left out; any other item that is too large ends the request.
 */
#ifndef MESHER_SENTRY_ITEMS_H
#define MESHER_SENTRY_ITEMS_H

#define XXH_STATIC_LINKING_ONLY /* the state's size, so that it needs no heap */
#include <stdbool.h>
#include <stddef.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "event/envelope.h"
#include "event/item_type.h"
#include "sentry/tempfile.h"

struct items_limits {
    size_t event_max_bytes, attachment_max_bytes;
    const char *temp_dir; /* kept */
};

enum items_place { ITEMS_IN_MEMORY, ITEMS_IN_FILE, ITEMS_IN_NOWHERE };

struct collected_item {
    struct collected_item *next;
    const struct item_type *type;
    struct str name; /* the type as sent, or the field of a form */
    struct str filename, content_type, attachment_type;
    size_t count; /* number of things in it */
    enum items_place place;
    size_t at, n;     /* position and size of its bytes */
    struct str text;  /* its bytes if they were not copied; else absent */
    struct uuid hash; /* of an attachment: of its name, type and content */
};

struct items {
    struct arena *arena;
    struct buf *body;
    struct tempfile file;
    struct items_limits limits;
    bool refuse_events; /* the project has no unit left: events are not kept */
    struct collected_item *first, **end, *open;
    size_t items, sessions;
    size_t small; /* bytes of attachments in memory */
    XXH3_state_t hash;
};

/* Begins a collection, which must not be moved; keeps arena and body (emptied).  Release
 * it with items_release(). */
void items_init(struct items *p, struct arena *arena, struct buf *body,
                const struct items_limits *limits);
void items_release(struct items *p);

/* Begin an item, add bytes to it, end it.  Return 0, or -1: ERROR_TOO_LARGE,
 * ERROR_UNAVAILABLE. */
int items_begin(struct items *p, const struct envelope_item *item,
                struct error *e) MUST_CHECK;
int items_add_bytes(struct items *p, const char *bytes, size_t n,
                    struct error *e) MUST_CHECK;
void items_end(struct items *p);

/* Adds text as an item of that type without copying it; text must outlive p. */
int items_add_text(struct items *p, struct str type, struct str text,
                   struct error *e) MUST_CHECK;

/* Returns the bytes of an item in memory; valid until the next item. */
struct str items_text(const struct items *p,
                      const struct collected_item *item) MUST_CHECK;

/* Appends n bytes of an item, from an offset on, to out.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int items_copy(const struct items *p, const struct collected_item *item, size_t at,
               size_t n, struct buf *out, struct error *e) MUST_CHECK;

#endif
