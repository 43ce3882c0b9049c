/*
 * parcel: the items of one request to a Sentry endpoint, collected as they arrive.
 *
 * Events, reports and sessions are kept in memory, all together up to
 * LIMIT_ENVELOPE_EVENTS_KEPT events of the largest size; attachments go to a temporary
 * file but for small ones; of what is only counted no byte is kept.  An attachment that
 * is too large is left out, anything else that is ends the request.
 */
#ifndef MESHER_INGEST_PARCEL_H
#define MESHER_INGEST_PARCEL_H

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
#include "event/items.h"
#include "sentry/tempfile.h"

struct parcel_limits {
    size_t event_max_bytes, attachment_max_bytes;
    const char *temp_dir; /* kept */
};

enum parcel_place { PARCEL_MEMORY, PARCEL_FILE, PARCEL_NOWHERE };

struct parcel_item {
    struct parcel_item *next;
    const struct items_type *type;
    struct str name; /* the type as sent, or of a form its field */
    struct str filename, content_type, attachment_type;
    size_t count; /* things in it */
    enum parcel_place place;
    size_t at, n;     /* where its bytes are */
    struct str text;  /* its bytes where they were not copied; else absent */
    struct uuid hash; /* of an attachment: of its name, type and content */
};

struct parcel {
    struct arena *arena;
    struct buf *body;
    struct tempfile file;
    struct parcel_limits limits;
    bool refuse_events; /* the project has no unit left: events are not kept */
    struct parcel_item *first, **end, *open;
    size_t items, sessions;
    size_t small; /* bytes of attachments in memory */
    XXH3_state_t hash;
};

/* Begins one, which must stay where it is: arena and body (emptied) are kept.  Release it
 * with parcel_release(). */
void parcel_init(struct parcel *p, struct arena *arena, struct buf *body,
                 const struct parcel_limits *limits);
void parcel_release(struct parcel *p);

/* Begin an item, take bytes of it, end it.  Return 0, or -1: ERROR_TOO_LARGE,
 * ERROR_UNAVAILABLE. */
int parcel_item(struct parcel *p, const struct envelope_item *item,
                struct error *e) MUST_CHECK;
int parcel_bytes(struct parcel *p, const char *bytes, size_t n,
                 struct error *e) MUST_CHECK;
void parcel_item_end(struct parcel *p);

/* Makes text, which must outlive p, an item of that type as it is. */
int parcel_text_item(struct parcel *p, struct str type, struct str text,
                     struct error *e) MUST_CHECK;

/* The bytes of an item that is in memory; good until the next item. */
struct str parcel_text(const struct parcel *p, const struct parcel_item *item) MUST_CHECK;

/* Appends n bytes of an item from an offset on to out.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int parcel_copy(const struct parcel *p, const struct parcel_item *item, size_t at,
                size_t n, struct buf *out, struct error *e) MUST_CHECK;

#endif
