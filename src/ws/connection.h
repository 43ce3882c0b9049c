/*
 * connection: one long-lived connection: messages in, answers out, in the order of the
 * messages.
 *
 * Many messages may be under way at once: they are submitted while earlier ones commit,
 * up to a window of messages and bytes; then connection_wants_input() is false until
 * answers have arrived.  When the writer goes away, pending messages are sent again with
 * the same ids, to the next writer or, if there is none, over a database connection of
 * this process.  The only descriptor used here is the writer stream's: a front brings the
 * bytes and sends the answers.
 */
#ifndef MESHER_WS_CONNECTION_H
#define MESHER_WS_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "submit/submit.h"

/* A message that does not continue for this long counts as truncated. */
#define CONNECTION_SILENCE_MS 1000

struct connection;

struct rules;

struct connection_settings {
    struct submit *submit; /* kept; for look-ups, and for submissions without a writer */
    const char *writer_socket; /* kept; "": none */
    const char *slot_dir;      /* kept; where connections are counted without a writer */
    struct key key;
    size_t max_project, max_all; /* connections, for counting without a writer */
    size_t window_messages, window_bytes;
    size_t bulk_max_events;
    int compression_level;
    const struct rules *rules; /* kept; grouping rules; NULL: none */
    int64_t timeout_ms;        /* for a verdict */
    int64_t request_cpu_ms;    /* processor time per message; 0: no limit */
};

/* Checks the key, counts the connection and creates its state.  Returns an object to be
 * freed with connection_free(), or NULL: ERROR_UNAUTHORIZED, ERROR_LIMITED (too many
 * connections: the text says which limit), ERROR_UNAVAILABLE, ERROR_SYSTEM. */
struct connection *connection_new(const struct connection_settings *settings,
                                  struct error *e) MUST_CHECK;

/* Frees s, which may be NULL; discards pending messages, though the writer still stores
 * them. */
void connection_free(struct connection *s);

/* Returns whether more bytes may be fed. */
bool connection_wants_input(const struct connection *s) MUST_CHECK;

/* Feeds bytes.  connection_end(): no more will arrive. */
void connection_feed(struct connection *s, const char *p, size_t n);
void connection_end(struct connection *s);

/* Returns the lines for the client; the front removes those it has sent. */
struct buf *connection_out(struct connection *s) MUST_CHECK;

/* Returns the stream's descriptor to poll (-1: none), and sets its events and the time
 * until connection_serve() must be called again (milliseconds, -1: none). */
int connection_fd(const struct connection *s, short *events, int64_t *wait_ms) MUST_CHECK;

/* Advances the connection: writes to and reads from the stream, detects silence and
 * time-outs, creates answers. */
void connection_serve(struct connection *s);

/* Returns whether every message was answered, and the input has ended or the key was
 * revoked.  Then the connection is closed. */
bool connection_is_done(const struct connection *s) MUST_CHECK;

/* Appends the line that tells a client why its connection was refused. */
void connection_refusal(const struct error *e, struct buf *out);

#endif
