/*
 * item: what a batch is made of: one row, one record, or one unit of the limit alone.
 */
#ifndef MESHER_STORE_ITEM_H
#define MESHER_STORE_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"
#include "wire/frame.h"

struct batch_item {
    int64_t project;
    struct frame_item what; /* borrowed bytes; a charge is a unit of the limit alone */
    bool again;             /* sent before: costs nothing if it is stored already */
    bool admitted;          /* a unit was taken for it: set by batch_run() */
    bool tried;       /* it may be stored, whatever the verdict: set by batch_run() */
    struct str bytes; /* the item as it stands in its frame, length first */
    struct verdict verdict; /* the result */
};

/* Fills an item for each one of a submission that was checked (all of it parses), not
 * stored yet.  Gives their number. */
size_t item_take(const struct frame_submission *s, struct batch_item *items);

/* Whose units it takes.  Records have a window of their own beside the events': its
 * number is the project's with a minus. */
int64_t item_payer(const struct batch_item *item) MUST_CHECK;

#endif
