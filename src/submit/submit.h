/*
 * submit: where events go: to the writer, or without one to the database.
 *
 * One interface over both.  A writer that went away before its verdict came is asked
 * again after a reconnect with the same ids; when there is none at the socket, the same
 * submission is run here, over a connection of our own (direct mode), which is closed
 * again as soon as a writer answers.  What the database does not take in time, or a
 * writer that hangs, goes to the spool; a writer that hung is left alone for
 * SUBMIT_SILENCE_MS, so that requests do not pile up behind it.
 *
 * A process for one request without a writer, which would connect for one event, goes
 * another way where it can: the key is looked up in the spool's file of keys, units are
 * taken of windows that all such processes share, the event goes into the spool, and one
 * of them brings it to the database after the answer (submit/replay_after.h).  Near the
 * limit, with old keys, or when the spool is full, the database is asked as ever.
 */
#ifndef MESHER_INGEST_SUBMIT_H
#define MESHER_INGEST_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "outage/fallback.h"
#include "submit/idle_maintenance.h"
#include "wire/frame.h"

/* The file of keys is believed so long, by a process for one request: a revoked key is
 * noticed below 5 s, as everywhere. */
#define SUBMIT_KEYS_MS 4000

/* A writer that gave no answer in time is not asked again for so long. */
#define SUBMIT_SILENCE_MS 3000

struct submit;

struct submit_settings {
    const char *writer_socket; /* kept; "": always direct */
    const char *database;      /* kept; a libpq connection string */
    const char *poison_dir;    /* kept */
    int64_t timeout_ms;        /* for a verdict */
    int64_t connect_timeout_ms, statement_timeout_ms;
    int64_t store_timeout_ms; /* for a submission, without a writer: then to the spool */
    bool one_shot;            /* a process for one request: statements are not prepared */
    struct fallback_settings fallback;
    struct chores_settings chores; /* zeroed: none */
};

/* What is up, for the health page. */
struct submit_state {
    bool writer_configured, writer_ok, database_ok;
    bool spool_configured, spool_ok; /* ok: there is room in it */
};

/* Makes it; connects when first used.  Gives it for submit_free(), or NULL (ENOMEM). */
struct submit *submit_new(const struct submit_settings *settings) MUST_CHECK;

/* Frees s; NULL is allowed. */
void submit_free(struct submit *s);

/* Looks a key up; while the database is away, among those that were good when it was last
 * seen.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_lookup(struct submit *s, const struct key *k, enum key_state *state,
                  int64_t *project, struct error *e) MUST_CHECK;

/* Is it known, without asking anybody, that project has no unit left?  Sets *retry_ms. */
bool submit_is_limited(struct submit *s, int64_t project, int64_t *retry_ms) MUST_CHECK;

/* Runs the submission of count items that stands in frame (one whole SUBMIT frame) and
 * gives the verdict of each. May set FRAME_AGAIN in it.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE: no verdict is known. */
int submit_run(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
               struct error *e) MUST_CHECK;

/* The same without asking anybody: within the limits that are counted here, the rows go
 * to the spool. */
int submit_spool(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
                 struct error *e) MUST_CHECK;
/* Asks for the origins from which pages may send to project: sets out, at most
 * ORIGINS_MAX_BYTES, and *n.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_origins(struct submit *s, int64_t project, char *out, size_t *n,
                   struct error *e) MUST_CHECK;

/* Counts what became of events: the verdicts of a submission of `events` events and
 * charges that stood in frame; what an error did to one; quantity of an outcome. */
void submit_count_verdicts(struct submit *s, int64_t project, const struct buf *frame,
                           const struct verdict *v, size_t events);
void submit_count_error(struct submit *s, int64_t project, const struct error *e);
void submit_count(struct submit *s, int64_t project, enum outcome outcome,
                  int64_t quantity);

/* Is something counted that nobody was told yet?  A process that has nothing to do for
 * TALLY_MS tells it then: to the writer, else to the database if it is connected.  With
 * questions it is told by itself. */
bool submit_has_counts(const struct submit *s) MUST_CHECK;
void submit_tell(struct submit *s);

/* Closes its connections until they are needed again. */
void submit_rest(struct submit *s);

/* Without a writer, and when they are due: does the chores (submit/idle_maintenance.h).
 * To be called between two requests. */
void submit_chores(struct submit *s);

/* What a process for one request has to do after its answer: tell what was counted,
 * drain, the chores.  It may leave the web server for that, as daemon(3) does. */
void submit_finish(struct submit *s);

/* Is a connection to the database open only because the writer was away, or is this a
 * host where chores are done in requests?  A process that has nothing to do should rest
 * then: the writer may be back, and connections are few. */
bool submit_is_makeshift(const struct submit *s) MUST_CHECK;

/* Finds out what is up; takes at most the timeout. */
void submit_look(struct submit *s, struct submit_state *out);

#endif
