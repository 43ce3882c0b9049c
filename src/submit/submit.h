/*
 * submit: sends events to the writer or, without one, to the database.
 *
 * One interface over both.  If the writer goes away before its verdict arrives, the same
 * ids are submitted again after a reconnect.  If no writer is at the socket, the
 * submission runs here, over a connection of its own (direct mode), which is closed as
 * soon as a writer answers again.  Events go to the spool if the database does not take
 * them in time or the writer hangs; a writer that hung is not asked for
 * SUBMIT_SILENCE_MS, so that requests do not pile up behind it.
 *
 * A one-request process without a writer would open a connection for one event, and
 * avoids that where it can: it looks the key up in the spool's key file, takes units of
 * windows shared by all such processes, and spools the event; one of them replays the
 * spool into the database after the answer (submit/replay_after.h).  Near the limit, with
 * an old key file or a full spool, it asks the database as usual.
 */
#ifndef MESHER_SUBMIT_SUBMIT_H
#define MESHER_SUBMIT_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "outage/fallback.h"
#include "submit/idle_maintenance.h"
#include "wire/frame.h"

/* How long a one-request process trusts the key file: a revoked key is noticed within 5
 * s, as everywhere. */
#define SUBMIT_KEYS_MS 4000

/* How long a writer that did not answer in time is not asked again. */
#define SUBMIT_SILENCE_MS 3000

struct submit;

struct submit_settings {
    const char *writer_socket; /* kept; "": always direct */
    const char *database;      /* kept; a libpq connection string */
    const char *poison_dir;    /* kept */
    int64_t timeout_ms;        /* for a verdict */
    int64_t connect_timeout_ms, statement_timeout_ms;
    int64_t store_timeout_ms; /* for a submission without a writer; then: spool */
    bool one_shot;            /* a one-request process: statements are not prepared */
    struct fallback_settings fallback;
    struct idle_maintenance_settings idle_maintenance; /* zeroed: none */
};

/* State of the parts, for the health page. */
struct submit_state {
    bool writer_configured, writer_ok, database_ok;
    bool spool_configured, spool_ok; /* ok: it has room */
};

/* Creates it; connects on first use.  Returns an object to be freed with submit_free(),
 * or NULL (ENOMEM). */
struct submit *submit_new(const struct submit_settings *settings) MUST_CHECK;

/* Frees s, which may be NULL. */
void submit_free(struct submit *s);

/* Looks a key up; while the database is away, among the keys that were good when it last
 * answered.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_lookup(struct submit *s, const struct key *k, enum key_state *state,
                  int64_t *project, struct error *e) MUST_CHECK;

/* Returns whether project is known, without asking, to have no unit left.  Sets
 * *retry_ms. */
bool submit_is_limited(struct submit *s, int64_t project, int64_t *retry_ms) MUST_CHECK;

/* Runs the submission of count items in frame (one whole SUBMIT frame) and sets the
 * verdict of each.  May set FRAME_AGAIN in it.  Returns 0, or -1 with ERROR_UNAVAILABLE
 * when no verdict is known. */
int submit_run(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
               struct error *e) MUST_CHECK;

/* The same without asking: rows within the limits counted here go to the spool. */
int submit_spool(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
                 struct error *e) MUST_CHECK;
/* Looks up the origins from which pages may send to project: sets out, at most
 * ORIGINS_MAX_BYTES, and *n.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_origins(struct submit *s, int64_t project, char *out, size_t *n,
                   struct error *e) MUST_CHECK;

/* Looks up project's scrubbing settings; while the database is away, the last known ones,
 * if there is a spool: sets out, at most SCRUBBING_MAX_BYTES (admit/scrubbing.h), and *n.
 * Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_scrubbing(struct submit *s, int64_t project, char *out, size_t *n,
                     struct error *e) MUST_CHECK;

/* Count outcomes: of the verdicts of a submission with `events` events and charges that
 * was in frame; of one event that failed with an error; a quantity of one outcome. */
void submit_count_verdicts(struct submit *s, int64_t project, const struct buf *frame,
                           const struct verdict *v, size_t events);
void submit_count_error(struct submit *s, int64_t project, const struct error *e);
void submit_count(struct submit *s, int64_t project, enum outcome outcome,
                  int64_t quantity);

/* Returns whether there are unreported counts.  A process that is idle for TALLY_MS then
 * reports them: to the writer, else to the database if it is connected.  Otherwise they
 * are reported along with questions. */
bool submit_has_counts(const struct submit *s) MUST_CHECK;
void submit_flush_outcomes(struct submit *s);

/* Closes its connections until they are needed again. */
void submit_disconnect(struct submit *s);

/* Runs maintenance if there is no writer and it is due (submit/idle_maintenance.h).  Call
 * it between two requests. */
void submit_idle_maintenance(struct submit *s);

/* Runs the work of a one-request process after its answer: reports its outcomes, replays,
 * maintains.  It may detach from the web server for that, as daemon(3) does. */
void submit_after_response(struct submit *s);

/* Returns whether a connection to the database is open only because the writer was away,
 * or because requests do the maintenance on this host.  An idle process should then
 * disconnect: the writer may be back, and connections are scarce. */
bool submit_should_disconnect(const struct submit *s) MUST_CHECK;

/* Determines the state of the parts; takes at most the timeout. */
void submit_health(struct submit *s, struct submit_state *out);

#endif
