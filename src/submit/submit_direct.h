/*
 * submit_direct: the writer's work done in this process, for a batch of one submission.
 *
 * What the database does not take in time goes to the spool.
 */
#ifndef MESHER_INGEST_SUBMIT_DIRECT_H
#define MESHER_INGEST_SUBMIT_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "outage/fallback.h"
#include "store/batch.h"
#include "store/db.h"
#include "submit/idle_maintenance.h"
#include "submit/replay_after.h"
#include "wire/frame.h"

struct submit_direct;

/* Makes it without a connection.  Poison goes to poison_dir (kept), what cannot be stored
 * to fallback (kept), after store_timeout_ms at the latest.  Gives it for
 * submit_direct_free(), or NULL (ENOMEM). */
struct submit_direct *submit_direct_new(const struct db_settings *settings,
                                        const char *poison_dir, struct fallback *fallback,
                                        int64_t store_timeout_ms) MUST_CHECK;

/* Frees s; NULL is allowed. */
void submit_direct_free(struct submit_direct *s);

/* Closes the connection until it is needed again. */
void submit_direct_rest(struct submit_direct *s);

/* The connection. */
struct db *submit_direct_db(struct submit_direct *s) MUST_CHECK;

/* Looks a key up, within the time for a submission, and what its project may send where
 * windows are shared.  A good one that the spool's file of keys does not have gets into
 * it.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_direct_lookup(struct submit_direct *s, const struct key *k,
                         enum key_state *state, int64_t *project,
                         struct error *e) MUST_CHECK;

/* The origins from which pages may send to project, as keys_origins(), within the same
 * time. */
int submit_direct_origins(struct submit_direct *s, int64_t project, char *out, size_t *n,
                          struct error *e) MUST_CHECK;

/* Does the chores over the same connection. */
void submit_direct_chores(struct submit_direct *s, const struct chores_settings *c);

/* After the answer of a process for one request: drains what such processes put into the
 * spool (drains: drainer_is_due()), and does the chores (NULL: none are due). */
void submit_direct_finish(struct submit_direct *s, const char *spool_dir, bool drains,
                          const struct chores_settings *chores);

/* Asks whether the database answers, within the same time. */
bool submit_direct_ping(struct submit_direct *s) MUST_CHECK;

/* Where to put a submission: into the database, else into the spool; into the spool, as
 * if the database were away; or into the spool with units that are the database's, or
 * were taken without asking it (fallback_admit_early()), else into the database. */
enum submit_direct_way { SUBMIT_DATABASE, SUBMIT_SPOOL, SUBMIT_SPOOL_FIRST };

/* Runs the submission in frame, count items. Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_direct_run(struct submit_direct *s, const struct buf *frame,
                      enum submit_direct_way way, struct verdict *out, size_t count,
                      struct error *e) MUST_CHECK;

#endif
