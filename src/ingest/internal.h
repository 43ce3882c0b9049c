/*
 * state: what the paths of an event work with; for ingest.c and sentry*.c only.
 */
#ifndef MESHER_INGEST_STATE_H
#define MESHER_INGEST_STATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "ingest/access.h"
#include "ingest/ingest.h"
#include "ingest/prepare.h"
#include "wire/pack.h"

struct ingest {
    struct ingest_settings settings;
    struct door *door;
    struct arena *arena;
    struct pack *pack;
    struct buf body, frame, spare;
};

/* Runs what stands in the frame: count items, of which the first `events` take units of
 * the events' window.  Returns 0 with the verdicts, or -1 with ERROR_UNAVAILABLE. */
int state_submit(struct ingest *in, int64_t project, struct verdict *v, size_t count,
                 size_t events, struct error *e) MUST_CHECK;

/* A refused body costs a unit, so that a broken client cannot burn the processor for
 * free; and over the limit that is what it is told: then e becomes ERROR_LIMITED. */
void state_charge(struct ingest *in, int64_t project, struct error *e);

/* Takes back what a request used. */
void state_tidy(struct ingest *in);

/* What prepare.h needs to know. */
struct prepare state_prepare(const struct ingest *in, int64_t project) MUST_CHECK;

#endif
