/*
 * images: the libraries and programs loaded by a native process (debug_meta.images), to
 * find the one that contains an address.
 */
#ifndef MESHER_GROUPING_V2_IMAGES_H
#define MESHER_GROUPING_V2_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct v2_image {
    uint64_t from, size; /* size 0: unknown, up to the next image */
    struct str file;     /* base name of its path, cut like function names; or absent */
};

struct v2_images {
    struct v2_image *list; /* sorted by address */
    size_t count;
};

/* Reads the images of a debug_meta object (absent: none), at most LIMIT_IMAGES, into the
 * arena. Returns 0, or -1 with ERROR_UNAVAILABLE. */
int v2_images_read(struct arena *a, struct str debug_meta, struct v2_images *out,
                   struct error *e) MUST_CHECK;

/* Returns the image that contains the address, or NULL. */
const struct v2_image *v2_images_find(const struct v2_images *images,
                                      uint64_t address) MUST_CHECK;

/* Parses an address as clients write it in JSON: "0x1f" or "31" or 31.  Returns false for
 * anything else. */
bool v2_images_address(struct str value, uint64_t *out) MUST_CHECK;

#endif
