/*
 * batch_entry: one entry of a batch: a row, a record, or only a unit of the limit.
 */
#ifndef MESHER_STORE_BATCH_ENTRY_H
#define MESHER_STORE_BATCH_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"
#include "wire/frame.h"

struct batch_entry {
    int64_t project;
    struct frame_item what; /* borrowed bytes; a charge is only a unit of the limit */
    bool again;             /* sent before: costs nothing if already stored */
    bool admitted;          /* a unit was taken for it; set by batch_run() */
    bool tried;       /* it may be stored, whatever the verdict; set by batch_run() */
    struct str bytes; /* the item as encoded in its frame, length first */
    struct verdict verdict; /* the result */
};

/* Fills one entry for each item of a submission that was checked (every item parses);
 * none is stored yet.  Returns the number of entries. */
size_t batch_entry_take(const struct frame_submission *s, struct batch_entry *items);

/* Returns the number of the window that pays for the item.  Records have a separate
 * window from events: its number is the project's, negated. */
int64_t batch_entry_payer(const struct batch_entry *item) MUST_CHECK;

/* Returns the number of bytes that the item takes from the project's budget: its
 * stored size. */
int64_t batch_entry_bytes(const struct batch_entry *item) MUST_CHECK;

#endif
