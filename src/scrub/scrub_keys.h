/*
 * scrub_keys: a cache of what a member's name says about its value.
 *
 * Events repeat the same few names ("filename", "lineno"), so results for short names are
 * kept in a table of fixed size, keyed by their bytes.
 */
#ifndef MESHER_SCRUB_SCRUB_KEYS_H
#define MESHER_SCRUB_SCRUB_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"
#include "scrub/scrub_scan.h"

#define SCRUB_KEYS_SLOTS 512U
#define SCRUB_KEYS_SHIFT (64 - 9)

/* Names of up to this many times eight bytes are cached. */
#define SCRUB_KEYS_WORDS 4U

/* Bits of `what` besides those of scrub_names.h. */
#define SCRUB_KEY_SAFE 256U     /* the project exempts it */
#define SCRUB_KEY_DIRTY 512U    /* the name itself holds a secret */
#define SCRUB_KEY_NAMES 1024U   /* its value is a name: {"name": …, "value": …} */
#define SCRUB_KEY_VALUE 2048U   /* … and this is the value */
#define SCRUB_KEY_MESSAGE 4096U /* its value may be a template … */
#define SCRUB_KEY_PARAMS 8192U  /* … and these are its parameters */
#define SCRUB_KEY_AGENT 16384U  /* its versions look like addresses */
/* At the top: names below it (of packages, of values that an SDK removed) have no
 * meaning. */
#define SCRUB_KEY_MODULES 32768U

struct scrub_key {
    unsigned what;
    enum scrub_mode mode; /* for strings below it */
};

struct scrub_keys_slot {
    uint64_t bytes[SCRUB_KEYS_WORDS];
    uint32_t what;
    uint8_t mode, n; /* n: of its bytes; 0: unused */
};

struct scrub_keys {
    const struct scrub_names *names;
    struct str safe;
    struct scrub_keys_slot slot[SCRUB_KEYS_SLOTS];
};

/* Initialises an empty table; keeps names and safe (names separated by commas). */
void scrub_keys_init(struct scrub_keys *k, const struct scrub_names *names,
                     struct str safe);

/* Returns the bits and mode of a decoded name.  Adds the bytes examined to *looked_at. */
struct scrub_key scrub_keys_find(struct scrub_keys *k, struct str name,
                                 size_t *looked_at) MUST_CHECK;

#endif
