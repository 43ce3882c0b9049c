/*
 * prepare: turns JSON texts into a submission: scrub, parse, normalise, assign ids, pack,
 * frame.
 *
 * The scrubbed text is the one that is examined, grouped and stored; the original text is
 * only used to describe errors in it.
 *
 * The result is one SUBMIT frame and, for each text, either the id that the client gets
 * or its error.  An invalid text among several is charged and does not affect the others.
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
#include "event/filter.h"
#include "grouping/grouping.h"
#include "scrub/scrub.h"
#include "wire/frame.h"
#include "wire/pack.h"

struct access;

struct prepare {
    struct arena *arena; /* borrowed; allocations from it are not needed after the call */
    struct pack *pack;   /* borrowed */
    int64_t project;
    int64_t now_us; /* time of receipt, wall clock */
    struct grouping_settings grouping;
    struct scrub *scrub; /* borrowed; NULL: texts stay unchanged */
    struct str filters;  /* borrowed; the project's inbound filters */
};

struct bulk_entry {
    struct uuid id;     /* when error.kind is ERROR_NONE */
    struct error error; /* why it was not submitted */
};

/* The id of a prepared event, and whether the client chose it. */
struct prepare_id {
    struct uuid id;
    bool by_client;
};

/* Sets the settings of p's project: its filters, and how its events are grouped. */
void prepare_settings(struct prepare *p, struct access *access);

/* Writes the event into frame (emptied first).  Sets *id.  Returns 0, or -1:
 * ERROR_MALFORMED, ERROR_COSTLY, ERROR_TOO_LARGE, ERROR_FILTERED, ERROR_UNAVAILABLE. */
int prepare_event(const struct prepare *p, struct str text, struct buf *frame,
                  struct prepare_id *id, struct error *e) MUST_CHECK;

/* Scrubs a text by the rules of the project, without its byte order mark.  Returns 0, or
 * -1 with ERROR_UNAVAILABLE. */
int prepare_scrub(const struct prepare *p, struct str text, struct scrub_result *out,
                  struct error *e) MUST_CHECK;

/* Sets the inbound filter that applies to an event; report: as for filter_find(). Returns
 * 0, or -1 with ERROR_UNAVAILABLE. */
int prepare_filter(const struct prepare *p, bool report, const struct event *ev,
                   struct str text, enum filter *out, struct error *e) MUST_CHECK;

/* Returns whether the result differs from the text as it was sent: then positions in it
 * mean nothing to the sender. */
bool prepare_is_changed(const struct scrub_result *scrubbed, struct str text) MUST_CHECK;

/* Appends the event as an item of the current frame b; payload is its scrubbed text.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int prepare_row(const struct prepare *p, const struct event *ev, const struct uuid *id,
                struct str payload, struct buf *b, struct error *e) MUST_CHECK;

/* Writes count texts into frame (emptied first) and sets items.  Returns 0, or -1:
 * ERROR_MALFORMED when none is acceptable (items are set), ERROR_UNAVAILABLE. */
int prepare_bulk(const struct prepare *p, const struct str *texts, size_t count,
                 struct buf *frame, struct bulk_entry *items, struct error *e) MUST_CHECK;

/* Corrects the error after a failure caused by the input: exceeding the arena's cap
 * becomes ERROR_TOO_LARGE, and exceeding the time becomes ERROR_COSTLY, whatever else
 * seemed wrong.  Returns -1. */
int prepare_blame(const struct arena *a, struct error *e);

/* prepare_charge() writes a submission of one charge into frame (emptied first).
 * prepare_is_charged() returns whether e costs a unit. */
void prepare_charge(int64_t project, struct buf *frame);
bool prepare_is_charged(const struct error *e) MUST_CHECK;

#endif
