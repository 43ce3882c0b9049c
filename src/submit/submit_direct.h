/*
 * submit_direct: does the writer's work in this process, for a batch of one submission.
 *
 * Submissions that the database does not take in time go to the spool.
 */
#ifndef MESHER_SUBMIT_SUBMIT_DIRECT_H
#define MESHER_SUBMIT_SUBMIT_DIRECT_H

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

/* Creates it without a connection.  Poison goes to poison_dir (kept), rows that cannot be
 * stored go to fallback (kept), after store_timeout_ms at the latest.  Returns an object
 * to be freed with submit_direct_free(), or NULL (ENOMEM). */
struct submit_direct *submit_direct_new(const struct db_settings *settings,
                                        const char *poison_dir, struct fallback *fallback,
                                        int64_t store_timeout_ms) MUST_CHECK;

/* Frees s, which may be NULL. */
void submit_direct_free(struct submit_direct *s);

/* Closes the connection until it is needed again. */
void submit_direct_rest(struct submit_direct *s);

/* Returns the connection. */
struct db *submit_direct_db(struct submit_direct *s) MUST_CHECK;

/* Looks a key up, within the time for a submission, and the limits of its project if
 * windows are shared.  A good key that the spool's key file lacks is added to it.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_direct_lookup(struct submit_direct *s, const struct key *k,
                         enum key_state *state, int64_t *project,
                         struct error *e) MUST_CHECK;

/* Looks up the origins from which pages may send to project, as keys_origins(), within
 * the same time. */
int submit_direct_origins(struct submit_direct *s, int64_t project, char *out, size_t *n,
                          struct error *e) MUST_CHECK;

/* Looks up the scrubbing settings of project, as keys_scrubbing(), within the same
 * time. */
int submit_direct_scrubbing(struct submit_direct *s, int64_t project, char *out,
                            size_t *n, struct error *e) MUST_CHECK;

/* Runs maintenance over the same connection. */
void submit_direct_idle_maintenance(struct submit_direct *s,
                                    const struct idle_maintenance_settings *c);

/* After the answer of a one-request process: replays events that such processes have
 * spooled (replays: replay_after_is_due()), and runs maintenance (NULL: not due). */
void submit_direct_after_response(struct submit_direct *s, const char *spool_dir,
                                  bool replays,
                                  const struct idle_maintenance_settings *maintenance);

/* Returns whether the database answers, within the same time. */
bool submit_direct_ping(struct submit_direct *s) MUST_CHECK;

/* Where a submission goes: to the database, else to the spool; to the spool, as if the
 * database were away; or to the spool with units that the database granted or that were
 * taken without asking it (fallback_admit_early()), else to the database. */
enum submit_direct_way { SUBMIT_DATABASE, SUBMIT_SPOOL, SUBMIT_SPOOL_FIRST };

/* Runs the submission in frame, with count items.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int submit_direct_run(struct submit_direct *s, const struct buf *frame,
                      enum submit_direct_way way, struct verdict *out, size_t count,
                      struct error *e) MUST_CHECK;

#endif
