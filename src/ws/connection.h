/*
 * session: one long-lived connection: messages in, answers out, in the order of the
 * messages.
 *
 * Many messages may be under way at once: they are submitted while earlier ones commit,
 * up to a window of messages and bytes; then session_wants_input() is false until answers
 * have come.  When the writer goes away what was under way is sent again with the same
 * ids, to the next writer or, when there is none, over a connection of our own.  No
 * descriptors but the link's are touched here: a front brings the bytes and takes the
 * answers away.
 */
#ifndef MESHER_INGEST_SESSION_H
#define MESHER_INGEST_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "submit/submit.h"

/* A message that does not go on for this long is a cut one. */
#define SESSION_SILENCE_MS 1000

struct session;

struct rules;

struct session_settings {
    struct submit *submit; /* kept; look-ups, and submissions when there is no writer */
    const char *writer_socket; /* kept; "": none */
    const char *slot_dir;      /* kept; where connections are counted without a writer */
    struct key key;
    size_t max_project, max_all; /* connections, for counting without a writer */
    size_t window_messages, window_bytes;
    size_t bulk_max_events;
    int compression_level;
    const struct rules *rules; /* kept; of grouping; NULL: none */
    int64_t timeout_ms;        /* for a verdict */
};

/* Checks the key, counts the connection and makes the session; gives it for
 * session_free(), or NULL: ERROR_UNAUTHORIZED, ERROR_LIMITED (too many connections: the
 * text says of what), ERROR_UNAVAILABLE, ERROR_SYSTEM. */
struct session *session_new(const struct session_settings *settings,
                            struct error *e) MUST_CHECK;

/* Frees s; what is under way is forgotten here, not by the writer.  NULL is allowed. */
void session_free(struct session *s);

/* May more bytes come in? */
bool session_wants_input(const struct session *s) MUST_CHECK;

/* Takes bytes in.  session_end(): no more will come. */
void session_feed(struct session *s, const char *p, size_t n);
void session_end(struct session *s);

/* Lines for the client: the front drops what it has sent. */
struct buf *session_out(struct session *s) MUST_CHECK;

/* What to poll: the link's descriptor (-1: none), its events, and the time until
 * session_serve() must be called again (milliseconds, -1: none). */
int session_fd(const struct session *s, short *events, int64_t *wait_ms) MUST_CHECK;

/* Goes on: writes to and reads from the link, notices silence and time-outs, makes
 * answers. */
void session_serve(struct session *s);

/* Is all answered that came in, and either the end or a revoked key seen?  Then the
 * connection is closed. */
bool session_is_done(const struct session *s) MUST_CHECK;

/* Appends the line that tells a client why it cannot have a session. */
void session_refusal(const struct error *e, struct buf *out);

#endif
