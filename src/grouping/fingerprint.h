/*
 * fingerprint: the hash by which events find their issue.
 *
 * xxhash128 over components, each as its kind, its bytes and 0xff, which no UTF-8 has: so
 * no two lists of components look alike.  The first byte of a fingerprint is not hash but
 * the version of the algorithm.  What is hashed how is kept for as long as the issues
 * are: a change needs a new version.
 */
#ifndef MESHER_EVENT_FINGERPRINT_H
#define MESHER_EVENT_FINGERPRINT_H

#define XXH_STATIC_LINKING_ONLY /* the state's size, so that it needs no heap */
#include <stdbool.h>
#include <stdint.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

#define FINGERPRINT_BYTES 16U
#define FINGERPRINT_VERSION 2U

/* Ends a component. */
#define FINGERPRINT_END '\xff'

enum fingerprint_kind {
    FINGERPRINT_CHECKSUM = 'k',  /* what the client says it is */
    FINGERPRINT_GIVEN = 'g',     /* a part that the client or a rule gave */
    FINGERPRINT_DEFAULT = 'd',   /* hexadecimal: what is the fingerprint by default */
    FINGERPRINT_EXCEPTION = 'x', /* empty: here one begins */
    FINGERPRINT_TYPE = 't',      /* an exception's type */
    FINGERPRINT_VALUE = 'v',     /* its value, without what varies */
    FINGERPRINT_ERROR = 'n',     /* the domain and the code of an NSError */
    FINGERPRINT_STACK = 's',     /* empty: here a thread's or the event's begins */
    FINGERPRINT_FRAME = '|',     /* empty: here a frame begins */
    FINGERPRINT_MODULE = 'M',    /* of a frame, as the next three */
    FINGERPRINT_FILE = 'F',
    FINGERPRINT_FUNCTION = 'f',
    FINGERPRINT_LINE = 'l',
    FINGERPRINT_TEMPLATE = 'p', /* a template's file and line of source */
    FINGERPRINT_REPORT = 'r',   /* of a browser: its kind, what was blocked */
    FINGERPRINT_MESSAGE = 'm',  /* the message, without what varies */
    FINGERPRINT_NOTHING = '0'   /* empty: nothing else is there */
};

struct fingerprint {
    XXH3_state_t state;
    struct buf *seen; /* gets all that is hashed behind the version, or NULL */
};

/* Begins a list of components. */
void fingerprint_begin(struct fingerprint *f, struct buf *seen);

/* Adds a component; an absent text is none. */
void fingerprint_add(struct fingerprint *f, enum fingerprint_kind kind, struct str text);

/* Adds one in pieces. */
void fingerprint_open(struct fingerprint *f, enum fingerprint_kind kind);
void fingerprint_put(struct fingerprint *f, struct str piece);
void fingerprint_close(struct fingerprint *f);

/* Ends the list. */
void fingerprint_end(const struct fingerprint *f, uint8_t out[FINGERPRINT_BYTES]);

/* A fingerprint as 32 hexadecimal digits, with a NUL behind them. */
void fingerprint_hex(const uint8_t print[FINGERPRINT_BYTES],
                     char out[2 * FINGERPRINT_BYTES + 1]);

/* What a component of this kind is called: "function". */
const char *fingerprint_name(char kind) MUST_CHECK;

#endif
