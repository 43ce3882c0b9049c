/*
 * submit_direct: the writer's work done in this process, for a batch of one submission.
 */
#ifndef MESHER_INGEST_SUBMIT_DIRECT_H
#define MESHER_INGEST_SUBMIT_DIRECT_H

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "store/batch.h"
#include "store/db.h"
#include "wire/frame.h"

struct submit_direct;

/* Makes it without a connection.  Poison goes to poison_dir (kept).  Gives it for
 * submit_direct_free(), or NULL (ENOMEM). */
struct submit_direct *submit_direct_new(const struct db_settings *settings,
                                        const char *poison_dir) MUST_CHECK;

/* Frees s; NULL is allowed. */
void submit_direct_free(struct submit_direct *s);

/* Closes the connection until it is needed again. */
void submit_direct_rest(struct submit_direct *s);

/* The connection, for look-ups. */
struct db *submit_direct_db(struct submit_direct *s) MUST_CHECK;

/* Runs the submission in frame, count items.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_direct_run(struct submit_direct *s, const struct buf *frame,
                      struct verdict *out, size_t count, struct error *e) MUST_CHECK;

#endif
