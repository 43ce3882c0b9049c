/*
 * facts: what a parcel holds besides events, as records of a submission.
 *
 * Sessions, reports and counts go into the frame in hand; attachments are large and go
 * into frames of their own, a chunk to a record.
 */
#ifndef MESHER_INGEST_FACTS_H
#define MESHER_INGEST_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "sentry/items.h"

struct facts {
    struct arena *arena;
    struct buf *frame;
    int64_t received_at_us, sent_at_us; /* EVENT_NO_TIME: not given */
    bool has_event;                     /* whom reports and attachments belong to */
    struct uuid event_id;
    size_t count; /* records appended so far */
};

/* Appends what the parcel's items other than events and attachments say; transactions:
 * how many events turned out to be those.  An item that says nothing is passed over.
 * Returns 0, or -1: ERROR_TOO_LARGE, ERROR_UNAVAILABLE. */
int facts_add(struct facts *f, const struct parcel *p, size_t transactions,
              struct error *e) MUST_CHECK;

/* Appends chunks of an attachment, from *chunk on, until all are there (*chunk is then
 * their number) or the frame has about 512 KiB. Returns 0, or -1 with ERROR_UNAVAILABLE.
 */
int facts_add_chunks(struct facts *f, const struct parcel *p,
                     const struct parcel_item *item, size_t *chunk,
                     struct error *e) MUST_CHECK;

/* How many chunks an attachment has; at least one. */
size_t facts_chunks(const struct parcel_item *item) MUST_CHECK;

#endif
