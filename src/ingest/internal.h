/*
 * internal: the state shared by ingest.c and the modules of sentry/; for them only.
 */
#ifndef MESHER_INGEST_INTERNAL_H
#define MESHER_INGEST_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "ingest/access.h"
#include "ingest/ingest.h"
#include "ingest/prepare.h"
#include "wire/pack.h"

struct ingest {
    struct ingest_settings settings;
    struct access *access;
    struct arena *arena;
    struct pack *pack;
    struct buf body, frame, spare;
};

/* Runs the submission in the frame: count items, of which the first `events` take units
 * of the events' window.  Returns 0 with the verdicts, or -1 with ERROR_UNAVAILABLE. */
int ingest_submit(struct ingest *in, int64_t project, struct verdict *v, size_t count,
                  size_t events, struct error *e) MUST_CHECK;

/* Charges a unit for a refused body, so that a broken client cannot use the processor for
 * free.  If the project is over its limit, e becomes ERROR_LIMITED, which is what the
 * client gets. */
void ingest_charge(struct ingest *in, int64_t project, struct error *e);

/* Releases the memory used by a request. */
void ingest_tidy(struct ingest *in);

/* Fills the settings for prepare.h.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int ingest_prepare(const struct ingest *in, int64_t project, struct prepare *out,
                   struct error *e) MUST_CHECK;

#endif
