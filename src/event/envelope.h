/*
 * envelope: parses Sentry's envelopes as their bytes arrive (sentry-protocol 5.1).
 *
 * A header, then items, each with a header and a payload: exactly `length` bytes, or up
 * to the next newline.  Headers are JSON objects and may span lines.  Payloads are not
 * kept here: they go to the sink piece by piece.  In addition to what Sentry's own server
 * accepts: CR LF after headers, blanks and blank lines at the end, a byte order mark at
 * the beginning, and a length that counts the newline after the payload.
 */
#ifndef MESHER_EVENT_ENVELOPE_H
#define MESHER_EVENT_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

/* Decoded texts, from the arena; absent when the header does not have them. */
struct envelope_header {
    bool has_id;
    struct uuid id;
    struct str dsn;
    struct str sent_at; /* a text or a number, as text */
};

struct envelope_item {
    struct str type, filename, content_type, attachment_type;
    bool has_length;
    size_t length;
    size_t count; /* item_count; 1 when not given */
};

/* Receives the parts in order: the header; for each item item(), then bytes() once per
 * piece, then end().  Each returns 0, or -1 with e, which stops the parser. */
struct envelope_sink {
    int (*header)(void *context, const struct envelope_header *h, struct error *e);
    int (*item)(void *context, const struct envelope_item *item, struct error *e);
    int (*bytes)(void *context, const char *p, size_t n, struct error *e);
    int (*end)(void *context, struct error *e);
    void *context;
};

enum envelope_state {
    ENVELOPE_BLANK,   /* before a header */
    ENVELOPE_HEADER,  /* in one */
    ENVELOPE_NEWLINE, /* after one */
    ENVELOPE_CR,      /* after one and a CR */
    ENVELOPE_COUNTED, /* in a payload with `left` more bytes */
    ENVELOPE_LINE,    /* in a payload up to the next newline */
    ENVELOPE_BEHIND   /* after a counted payload: its newline */
};

struct envelope {
    struct arena *arena;
    const struct envelope_sink *sink;
    enum envelope_state state;
    struct buf line; /* the current header */
    size_t depth;
    bool in_string, escaped;
    bool has_header; /* the envelope's own header was read */
    struct envelope_item item;
    size_t left;
    char last;           /* the last byte of a counted payload */
    size_t header_bytes; /* of all headers */
    size_t mark;         /* bytes of a byte order mark seen; 3 when it is over */
};

/* Begins a parse; keeps arena and sink.  Release v with envelope_release(). */
void envelope_init(struct envelope *v, struct arena *arena,
                   const struct envelope_sink *sink);
void envelope_release(struct envelope *v);

/* Parses n bytes.  Returns 0, or -1: ERROR_MALFORMED with "invalid event envelope: …",
 * ERROR_TOO_LARGE for a header over LIMIT_ENVELOPE_HEADER_BYTES, or headers over
 * LIMIT_ENVELOPE_HEADERS_BYTES together, ERROR_UNAVAILABLE, or the sink's error. */
int envelope_feed(struct envelope *v, const char *p, size_t n,
                  struct error *e) MUST_CHECK;

/* Ends the input.  Returns as envelope_feed(). */
int envelope_finish(struct envelope *v, struct error *e) MUST_CHECK;

#endif
