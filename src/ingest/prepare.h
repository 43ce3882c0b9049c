/*
 * prepare: JSON texts into a submission: parse, normalise, give ids, pack, frame.
 *
 * One SUBMIT frame comes out, and for each text either the id that the client will be
 * told or the error that it has.  What is wrong in one text of several is charged and
 * costs the others nothing.
 */
#ifndef MESHER_INGEST_PREPARE_H
#define MESHER_INGEST_PREPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"
#include "event/event.h"
#include "wire/frame.h"
#include "wire/pack.h"

struct prepare {
    struct arena *arena; /* borrowed; everything taken from it may go after the call */
    struct pack *pack;   /* borrowed */
    int64_t project;
    int64_t now_us; /* time of receipt, wall clock */
    struct event_grouping grouping;
};

struct bulk_item {
    struct uuid id;     /* when error.kind is ERROR_NONE */
    struct error error; /* why it was not even submitted */
};

/* The id of a prepared event, and whose it is. */
struct prepare_id {
    struct uuid id;
    bool by_client;
};

/* Puts the event into frame (emptied first).  Sets *id.  Returns 0, or -1:
 * ERROR_MALFORMED, ERROR_UNAVAILABLE. */
int prepare_event(const struct prepare *p, struct str text, struct buf *frame,
                  struct prepare_id *id, struct error *e) MUST_CHECK;

/* Appends the event as an item of the frame in hand, b; the payload is the text as it was
 * received.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int prepare_row(const struct prepare *p, const struct event *ev, const struct uuid *id,
                struct str payload, struct buf *b, struct error *e) MUST_CHECK;

/* Puts count texts into frame (emptied first) and sets items.  Returns 0, or -1:
 * ERROR_MALFORMED when none is acceptable (items are set), ERROR_UNAVAILABLE. */
int prepare_bulk(const struct prepare *p, const struct str *texts, size_t count,
                 struct buf *frame, struct bulk_item *items, struct error *e) MUST_CHECK;

/* Makes frame (emptied first) a submission of one charge.  Is e one that costs a unit? */
void prepare_charge(int64_t project, struct buf *frame);
bool prepare_is_charged(const struct error *e) MUST_CHECK;

#endif
