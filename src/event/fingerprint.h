/*
 * fingerprint: the hash by which events find their issue.
 *
 * xxhash128 over a version byte and then the parts, each as its kind, its length (8
 * bytes, big endian) and its bytes: so no two lists of parts look alike.  What is hashed
 * how is kept for as long as the issues are: a change needs a new version.
 */
#ifndef MESHER_EVENT_FINGERPRINT_H
#define MESHER_EVENT_FINGERPRINT_H

#define XXH_STATIC_LINKING_ONLY /* the state's size, so that it needs no heap */
#include <stdbool.h>
#include <stdint.h>
#include <xxhash.h>

#include "base/compat.h"
#include "base/str.h"

#define FINGERPRINT_BYTES 16U

enum fingerprint_kind {
    FINGERPRINT_GIVEN = 'g',   /* a part that the client gave */
    FINGERPRINT_DEFAULT = 'd', /* the 16 bytes of what is the fingerprint by default */
    FINGERPRINT_TYPE = 't',    /* an exception's type */
    FINGERPRINT_VALUE = 'v',   /* its value */
    FINGERPRINT_MESSAGE = 'm'  /* the message */
};

struct fingerprint {
    XXH3_state_t state;
};

/* Begins a list of parts. */
void fingerprint_begin(struct fingerprint *f);

/* Adds a part; an absent text is no part. */
void fingerprint_add(struct fingerprint *f, enum fingerprint_kind kind, struct str text);

/* Ends the list. */
void fingerprint_end(const struct fingerprint *f, uint8_t out[FINGERPRINT_BYTES]);

/* Is it "{{ default }}", with or without blanks? */
bool fingerprint_is_default(struct str text) MUST_CHECK;

#endif
