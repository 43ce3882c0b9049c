/*
 * records: converts the items of a request other than events into records of a
 * submission.
 *
 * Texts are scrubbed, contents of attachments are not.  Sessions, reports and counts go
 * into the current frame; attachments are large and go into frames of their own, one
 * chunk per record.
 */
#ifndef MESHER_SENTRY_RECORDS_H
#define MESHER_SENTRY_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "scrub/scrub.h"
#include "sentry/items.h"

struct sentry_records {
    struct arena *arena;
    struct buf *frame;
    struct scrub *scrub;                /* borrowed; NULL: texts stay unchanged */
    int64_t received_at_us, sent_at_us; /* EVENT_NO_TIME: not given */
    bool has_event;                     /* event of reports and attachments */
    struct uuid event_id;
    size_t count;             /* records appended so far */
    int64_t sessions_dropped; /* sessions out of the range of times that are counted */
    size_t check_ins;         /* check-ins appended: they are the first records */
    int64_t check_ins_invalid;
};

/* Appends records for all items but events and attachments; transactions: the number of
 * events that turned out to be transactions.  Skips items that hold no information.
 * Returns 0, or -1: ERROR_TOO_LARGE, ERROR_UNAVAILABLE. */
int sentry_records_add(struct sentry_records *f, const struct items *p,
                       size_t transactions, struct error *e) MUST_CHECK;

/* Appends chunks of an attachment, from *chunk on, until all are written (*chunk is then
 * their number) or the frame has about 512 KiB.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int sentry_records_add_chunks(struct sentry_records *f, const struct items *p,
                              const struct collected_item *item, size_t *chunk,
                              struct error *e) MUST_CHECK;

/* Returns the number of chunks of an attachment; at least one. */
size_t sentry_records_chunks(const struct collected_item *item) MUST_CHECK;

#endif
