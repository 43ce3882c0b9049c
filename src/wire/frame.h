/*
 * frame: the protocol between responders and the writer, over a Unix stream socket.
 *
 *   length  4 bytes   bytes that follow it
 *   version 1 byte    FRAME_VERSION
 *   type    1 byte    enum frame_type
 *   tag     4 bytes   chosen by the client, repeated in the answer
 *   body
 *
 * All integers in network byte order.  A client may send many frames without waiting;
 * answers to submissions arrive in the order of the commits, answers to look-ups at any
 * time.
 *
 * LOOKUP   KEY_BYTES of key              KEY       state (1), project (8)
 * SUBMIT   project (8), flags (1),       VERDICTS  count (2), then for each item:
 *          count (2), then for each                status (1), retry_ms (4)
 *          item: length (4), row or
 *          record; length 0 is a charge,
 *          a unit of the limit without a row
 * STATUS   nothing                       STATE     database (1)
 * ATTACH   project (8), flags (1)        ATTACHED  enum frame_attached (1)
 * ORIGINS  project (8)                   ALLOWED   known (1), origins (text)
 * SCRUB    project (8)                   SCRUBBING known (1), text of
 *                                                  admit/scrubbing.h
 * OUTCOMES for each: project (8),        nothing
 *          minute (8), outcome (1),
 *          quantity (8)
 *
 * A project is 1 to 2^63 - 1 (for an outcome also 0: none), so its negative, the number
 * of its records' window, is valid too.
 *
 * A receiver closes the connection on an unsupported version, an unknown type or a body
 * that does not parse: the start of the next frame would be uncertain.
 */
#ifndef MESHER_WIRE_FRAME_H
#define MESHER_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/key.h"
#include "base/str.h"
#include "wire/outcomes.h"
#include "wire/record.h"
#include "wire/row.h"

/* Version 2 has longer rows, and records; version 1 is still read, since a spool may hold
 * such frames. */
#define FRAME_VERSION 2U
#define FRAME_VERSION_FIRST 1U
#define FRAME_HEAD_BYTES 10U
/* The largest bulk that can be configured, with all its columns. */
#define FRAME_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define FRAME_MAX_ITEMS 10000U

enum frame_type {
    FRAME_LOOKUP = 1,
    FRAME_SUBMIT = 2,
    FRAME_STATUS = 3,
    FRAME_ATTACH = 4,   /* counts this connection as a long-lived one of the project */
    FRAME_ORIGINS = 5,  /* which origins may send to this project? */
    FRAME_OUTCOMES = 6, /* events that were refused without asking */
    FRAME_SCRUB = 7,    /* this project's scrubbing settings? */
    FRAME_KEY = 65,
    FRAME_VERDICTS = 66,
    FRAME_STATE = 67,
    FRAME_ATTACHED = 68,
    FRAME_ALLOWED = 69,
    FRAME_SCRUBBING = 70
};

/* Whether the connection may stay. */
enum frame_attached {
    FRAME_ATTACHED_OK = 0,
    FRAME_ATTACHED_PROJECT_FULL = 1,
    FRAME_ATTACHED_ALL_FULL = 2
};

/* The state of a key. */
enum key_state {
    KEY_STATE_UNAVAILABLE = 0, /* cannot be determined now */
    KEY_STATE_UNKNOWN = 1,
    KEY_STATE_REVOKED = 2, /* project is set */
    KEY_STATE_GOOD = 3     /* project is set */
};

/* The result of one item of a submission. */
enum verdict_status {
    VERDICT_UNAVAILABLE = 0, /* not stored; may be sent again */
    VERDICT_STORED = 1,      /* committed; for a charge: a unit was left */
    VERDICT_DUPLICATE = 2,   /* the id is stored already */
    VERDICT_LIMITED = 3,     /* over the project's limit; retry_ms is set */
    VERDICT_POISON = 4,      /* PostgreSQL refused this row, now in poison_dir */
    VERDICT_NO_PROJECT = 5   /* the project was deleted */
};

struct verdict {
    enum verdict_status status;
    uint32_t retry_ms; /* to the end of the window */
};

/* A frame's header and body. */
struct frame {
    enum frame_type type;
    uint32_t tag;
    struct str body;
};

#define FRAME_AGAIN \
    1U /* SUBMIT: sent before, without a verdict; ATTACH: accepted before */

/* SUBMIT: has records, which have their own limit. */
#define FRAME_RECORDS 2U

enum frame_item_kind { FRAME_ITEM_CHARGE, FRAME_ITEM_ROW, FRAME_ITEM_RECORD };

/* One item of a submission: the row, the record, or neither. */
struct frame_item {
    enum frame_item_kind kind;

    union {
        struct row row;
        struct record record;
    };
};

/* The header of a submission; the items follow in `items`, see frame_next_item(). */
struct frame_submission {
    int64_t project;
    unsigned flags;
    size_t count;
    struct str items;
};

/* Finds a whole frame at the start of s.  Returns its length and sets *out (a view into
 * s), 0 when more bytes are needed, or -1 with ERROR_MALFORMED. */
ptrdiff_t frame_parse(struct str s, struct frame *out, struct error *e) MUST_CHECK;

/* Write a whole frame. frame_begin returns the offset for frame_end, which sets the
 * length. */
size_t frame_begin(struct buf *b, enum frame_type type, uint32_t tag) MUST_CHECK;
void frame_end(struct buf *b, size_t at);
void frame_lookup(struct buf *b, uint32_t tag, const struct key *k);
void frame_key(struct buf *b, uint32_t tag, enum key_state state, int64_t project);
void frame_verdicts(struct buf *b, uint32_t tag, const struct verdict *v, size_t count);
void frame_status(struct buf *b, uint32_t tag);
void frame_state(struct buf *b, uint32_t tag, int database_ok);
void frame_attach(struct buf *b, uint32_t tag, int64_t project, unsigned flags);
void frame_attached(struct buf *b, uint32_t tag, enum frame_attached state);
void frame_origins(struct buf *b, uint32_t tag, int64_t project);
void frame_allowed(struct buf *b, uint32_t tag, bool known, struct str origins);
void frame_scrub(struct buf *b, uint32_t tag, int64_t project);
void frame_scrubbing(struct buf *b, uint32_t tag, bool known, struct str text);

void frame_outcomes(struct buf *b, uint32_t tag, const struct outcomes *o);

/* Write the header of a submission between frame_begin and frame_end; then count items,
 * each a row (written between frame_item_begin and frame_end) or a charge. */
void frame_submission_head(struct buf *b, int64_t project, unsigned flags, size_t count);
size_t frame_item_begin(struct buf *b) MUST_CHECK;
void frame_charge(struct buf *b);

/* Sets the tag of a whole frame at offset 0 of b. */
void frame_set_tag(struct buf *b, uint32_t tag);

/* Sets FRAME_AGAIN in a whole SUBMIT frame at offset 0 of b. */
void frame_mark_again(struct buf *b);

/* Returns whether FRAME_AGAIN is set in it. */
bool frame_is_again(const struct buf *b) MUST_CHECK;

/* Sets flags and count of a submission whose header is at offset 0 of b, for callers that
 * know them only after writing the items. */
void frame_set_submission(struct buf *b, unsigned flags, size_t count);

/* Parse bodies.  Return 0, or -1 with ERROR_MALFORMED. */
int frame_parse_lookup(struct str body, struct key *out, struct error *e) MUST_CHECK;
int frame_parse_key(struct str body, enum key_state *state, int64_t *project,
                    struct error *e) MUST_CHECK;
int frame_parse_submission(struct str body, struct frame_submission *out,
                           struct error *e) MUST_CHECK;
int frame_parse_state(struct str body, int *database_ok, struct error *e) MUST_CHECK;
int frame_parse_attach(struct str body, int64_t *project, unsigned *flags,
                       struct error *e) MUST_CHECK;
int frame_parse_attached(struct str body, enum frame_attached *state,
                         struct error *e) MUST_CHECK;
int frame_parse_origins(struct str body, int64_t *project, struct error *e) MUST_CHECK;
/* Parses the body of OUTCOMES and adds its counts to o. */
int frame_parse_outcomes(struct str body, struct outcomes *o, struct error *e) MUST_CHECK;
int frame_parse_allowed(struct str body, bool *known, struct str *origins,
                        struct error *e) MUST_CHECK;
int frame_parse_scrub(struct str body, int64_t *project, struct error *e) MUST_CHECK;
int frame_parse_scrubbing(struct str body, bool *known, struct str *text,
                          struct error *e) MUST_CHECK;

/* Reads count verdicts (as many as were submitted) into out. */
int frame_parse_verdicts(struct str body, struct verdict *out, size_t count,
                         struct error *e) MUST_CHECK;

/* Takes the next item off s->items.  Returns 0, or -1 with ERROR_MALFORMED. */
int frame_next_item(struct frame_submission *s, struct frame_item *out,
                    struct error *e) MUST_CHECK;

/* Checks a whole submission from another process before anything else uses it: each item,
 * its texts, and that nothing follows the last item.  Returns 0, or -1 with
 * ERROR_MALFORMED. */
int frame_check_items(const struct frame_submission *s, struct error *e) MUST_CHECK;

#endif
