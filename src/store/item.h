/*
 * item: what a batch is made of: one row, or one unit of the limit without a row.
 */
#ifndef MESHER_STORE_ITEM_H
#define MESHER_STORE_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/frame.h"
#include "wire/row.h"

struct batch_item {
    int64_t project;
    bool charge;            /* a unit of the limit and no row */
    bool again;             /* sent before: costs nothing if it is stored already */
    bool admitted;          /* a unit was taken for it: set by batch_run() */
    struct row row;         /* borrowed bytes */
    struct str bytes;       /* the item as it stands in its frame, length first */
    struct verdict verdict; /* the result */
};

/* Fills an item for each one of a submission that was checked (all of it parses), not
 * stored yet.  Gives their number. */
size_t item_take(const struct frame_submission *s, struct batch_item *items);

#endif
