/*
 * fingerprint: the hash that assigns events to issues.
 *
 * xxhash128 over components, each as its kind, its bytes and 0xff, which never occurs in
 * UTF-8: so no two lists of components give the same input.  The first byte of a
 * fingerprint is not part of the hash but the version of the algorithm.  The hashed input
 * must not change while issues exist: a change needs a new version.
 */
#ifndef MESHER_GROUPING_FINGERPRINT_H
#define MESHER_GROUPING_FINGERPRINT_H

#define XXH_STATIC_LINKING_ONLY /* the state's size, so that it needs no heap */
#include <stdbool.h>
#include <stdint.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/str.h"

#define FINGERPRINT_BYTES 16U
#define FINGERPRINT_VERSION 3

/* Ends a component. */
#define FINGERPRINT_END '\xff'

enum fingerprint_kind {
    FINGERPRINT_CHECKSUM = 'k',  /* the checksum that the client sent */
    FINGERPRINT_GIVEN = 'g',     /* a part given by the client or a rule */
    FINGERPRINT_DEFAULT = 'd',   /* hexadecimal: the default fingerprint */
    FINGERPRINT_EXCEPTION = 'x', /* empty: an exception begins */
    FINGERPRINT_TYPE = 't',      /* an exception's type */
    FINGERPRINT_VALUE = 'v',     /* its value, without variable parts */
    FINGERPRINT_ERROR = 'n',     /* the domain and the code of an NSError */
    FINGERPRINT_STACK = 's',     /* empty: a thread's or the event's begins */
    FINGERPRINT_FRAME = '|',     /* empty: a frame begins */
    FINGERPRINT_MODULE = 'M',    /* of a frame, like the next three */
    FINGERPRINT_FILE = 'F',
    FINGERPRINT_FUNCTION = 'f',
    FINGERPRINT_LINE = 'l',
    FINGERPRINT_NUMBER = 'c',   /* the compiler's, of a closure */
    FINGERPRINT_TEMPLATE = 'p', /* a template's file and line of source */
    FINGERPRINT_REPORT = 'r',   /* a browser's report: its kind, and what was blocked */
    FINGERPRINT_MESSAGE = 'm',  /* the message, without variable parts */
    FINGERPRINT_NOTHING = '0'   /* empty: there is nothing else */
};

struct fingerprint {
    XXH3_state_t state;
    uint8_t version;
    struct buf *seen; /* receives all hashed bytes after the version, or NULL */
};

/* Begins a list of components; version is that of the algorithm, FINGERPRINT_VERSION
 * except for old issues. */
void fingerprint_begin(struct fingerprint *f, uint8_t version, struct buf *seen);

/* Adds a component; does nothing if the text is absent. */
void fingerprint_add(struct fingerprint *f, enum fingerprint_kind kind, struct str text);

/* Add a component in pieces. */
void fingerprint_open(struct fingerprint *f, enum fingerprint_kind kind);
void fingerprint_put(struct fingerprint *f, struct str piece);
void fingerprint_close(struct fingerprint *f);

/* Ends the list. */
void fingerprint_end(const struct fingerprint *f, uint8_t out[FINGERPRINT_BYTES]);

/* Writes a fingerprint as 32 hexadecimal digits and a NUL. */
void fingerprint_hex(const uint8_t print[FINGERPRINT_BYTES],
                     char out[2 * FINGERPRINT_BYTES + 1]);

/* Returns the name of a kind of component: "function". */
const char *fingerprint_name(char kind) MUST_CHECK;

#endif
