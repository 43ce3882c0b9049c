/*
 * receipt: times of receipt, by the database's clock.
 *
 * A responder stamps what it receives with its host's clock, and maintenance may run on
 * another host; with a clock that is ten years back, what was just accepted would be
 * removed by the next run.  So the database's clock decides: stamps made by a clock that
 * is off are moved by the difference, and one that is still impossible becomes the time
 * of storing.  Partitions, retention and expired ids use the same clock (db_wall_us()).
 */
#ifndef MESHER_STORE_RECEIPT_H
#define MESHER_STORE_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "store/batch_entry.h"
#include "wire/frame.h"

/* A difference between two clocks that matters, in microseconds. */
#define RECEIPT_OFF_US INT64_C(30000000)

/* The age above which a time of receipt is not believed: no outage lasts that long. */
#define RECEIPT_OLD_US (INT64_C(30) * 86400 * 1000000)

/* Memory for the times of a batch, as fields of rows. */
struct receipt {
    char stamp[FRAME_MAX_ITEMS][12];
};

/* Corrects the times of receipt of events, attachments and reports; the items then have
 * views into r.  ours_us: the clock of this host, from which recent stamps are;
 * true_us: the database's. */
void receipt_correct(struct receipt *r, struct batch_entry *items, size_t count,
                     int64_t ours_us, int64_t true_us);

#endif
