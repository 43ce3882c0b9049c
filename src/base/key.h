/*
 * key: a project key as a fixed-size value.
 *
 * The text is padded with zero bytes to KEY_BYTES, so that keys are compared, hashed and
 * sent as one block, and a comparison takes the same time wherever they differ.
 */
#ifndef MESHER_BASE_KEY_H
#define MESHER_BASE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

#define KEY_BYTES 64U     /* the longest key that mesherctl accepts */
#define KEY_MIN_BYTES 16U /* the shortest */

struct key {
    char text[KEY_BYTES];
};

/* Parses a text of 1..KEY_BYTES bytes of [0-9A-Za-z_].  Returns 0, or -1 for any other
 * text, which cannot be a key. */
int key_parse(struct str text, struct key *out) MUST_CHECK;

/* Returns whether both keys are equal, in constant time. */
bool key_eq(const struct key *a, const struct key *b) MUST_CHECK;

/* Returns the key's text as a view into k. */
struct str key_text(const struct key *k) MUST_CHECK;

#endif
