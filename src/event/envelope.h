/*
 * envelope: Sentry's envelopes, taken apart as their bytes arrive (sentry-protocol 5.1).
 *
 * A header, then items, each a header and a payload: exactly `length` bytes, or up to the
 * next newline.  Headers are JSON objects and may stretch over lines.  Nothing of a
 * payload is kept here: it goes to the sink piece by piece.  Beyond what Sentry's own
 * server takes: CR LF behind headers, blanks and blank lines at the end, a byte order
 * mark at the beginning, and a length that counts the newline behind the payload.
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

/* Texts decoded, from the arena; absent where the header does not have them. */
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
    size_t count; /* item_count; 1 when it is not given */
};

/* Who takes the parts, in their order: the header; for each item item(), bytes() as often
 * as there are pieces, end().  Each returns 0, or -1 with e, which ends it all. */
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
    ENVELOPE_NEWLINE, /* behind one */
    ENVELOPE_CR,      /* behind one and a CR */
    ENVELOPE_COUNTED, /* in a payload of `left` bytes more */
    ENVELOPE_LINE,    /* in a payload up to the next newline */
    ENVELOPE_BEHIND   /* behind a counted payload: its newline */
};

struct envelope {
    struct arena *arena;
    const struct envelope_sink *sink;
    enum envelope_state state;
    struct buf line; /* the header in hand */
    size_t depth;
    bool in_string, escaped;
    bool has_header; /* the envelope's own was read */
    struct envelope_item item;
    size_t left;
    char last;           /* the last byte of a counted payload */
    size_t header_bytes; /* of all headers */
    size_t mark;         /* bytes of a byte order mark; 3 when it is behind us */
};

/* Begins one; arena and sink are kept.  Release it with envelope_release(). */
void envelope_init(struct envelope *v, struct arena *arena,
                   const struct envelope_sink *sink);
void envelope_release(struct envelope *v);

/* Takes n bytes.  Returns 0, or -1: ERROR_MALFORMED with "invalid event envelope: …",
 * ERROR_TOO_LARGE for a header over LIMIT_ENVELOPE_HEADER_BYTES, or headers over
 * LIMIT_ENVELOPE_HEADERS_BYTES together, ERROR_UNAVAILABLE, or what the sink gave. */
int envelope_feed(struct envelope *v, const char *p, size_t n,
                  struct error *e) MUST_CHECK;

/* No more bytes come.  Returns as envelope_feed(). */
int envelope_finish(struct envelope *v, struct error *e) MUST_CHECK;

#endif
