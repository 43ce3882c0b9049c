/*
 * submit: where events go: to the writer, or without one to the database.
 *
 * One interface over both.  A writer that went away before its verdict came is asked
 * again after a reconnect with the same ids; when there is none at the socket, the same
 * submission is run here, over a connection of our own (direct mode), which is closed
 * again as soon as a writer answers.
 */
#ifndef MESHER_INGEST_SUBMIT_H
#define MESHER_INGEST_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "wire/frame.h"

struct submit;

struct submit_settings {
    const char *writer_socket; /* kept; "": always direct */
    const char *database;      /* kept; a libpq connection string */
    const char *poison_dir;    /* kept */
    int64_t timeout_ms;        /* for a verdict */
    int64_t connect_timeout_ms, statement_timeout_ms;
    bool one_shot; /* a process for one request: statements are not prepared */
};

/* What is up, for the health page. */
struct submit_state {
    bool writer_configured, writer_ok, database_ok;
};

/* Makes it; connects when first used.  Gives it for submit_free(), or NULL (ENOMEM). */
struct submit *submit_new(const struct submit_settings *settings) MUST_CHECK;

/* Frees s; NULL is allowed. */
void submit_free(struct submit *s);

/* Looks a key up.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_lookup(struct submit *s, const struct key *k, enum key_state *state,
                  int64_t *project, struct error *e) MUST_CHECK;

/* Runs the submission of count items that stands in frame (one whole SUBMIT frame) and
 * gives the verdict of each. May set FRAME_AGAIN in it.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE: no verdict is known. */
int submit_run(struct submit *s, struct buf *frame, struct verdict *out, size_t count,
               struct error *e) MUST_CHECK;

/* Asks for the origins from which pages may send to project: sets out, at most
 * ORIGINS_MAX_BYTES, and *n.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int submit_origins(struct submit *s, int64_t project, char *out, size_t *n,
                   struct error *e) MUST_CHECK;

/* Closes its connections until they are needed again. */
void submit_rest(struct submit *s);

/* Is a connection to the database open only because the writer was away?  A process that
 * has nothing to do should rest then: the writer may be back, and connections are few. */
bool submit_is_makeshift(const struct submit *s) MUST_CHECK;

/* Finds out what is up; takes at most the timeout. */
void submit_look(struct submit *s, struct submit_state *out);

#endif
