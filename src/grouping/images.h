/*
 * images: the libraries and programs that a native process had loaded
 * (debug_meta.images), to find the one that an address is in.
 */
#ifndef MESHER_EVENT_IMAGES_H
#define MESHER_EVENT_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct image {
    uint64_t from, size; /* size 0: not known, up to the next image */
    struct str file;     /* JSON; absent when not given */
};

struct images {
    struct image *list; /* by address */
    size_t count;
};

/* Reads the images of a debug_meta object (absent: none), at most LIMIT_IMAGES, into the
 * arena. Returns 0, or -1 with ERROR_UNAVAILABLE. */
int images_read(struct arena *a, struct str debug_meta, struct images *out,
                struct error *e) MUST_CHECK;

/* The image that the address is in, or NULL. */
const struct image *images_find(const struct images *images, uint64_t address) MUST_CHECK;

/* An address as clients write it: "0x1f" or "31" or 31, as JSON.  False when it is none.
 */
bool images_address(struct str value, uint64_t *out) MUST_CHECK;

#endif
