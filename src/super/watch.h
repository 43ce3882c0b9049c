/*
 * watch: a descriptor in the loop, and the function to call when it is readable.
 */
#ifndef MESHER_SUPER_WATCH_H
#define MESHER_SUPER_WATCH_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* The owner sets its fields; it must not be moved while it is watched. */
struct watch {
    void (*serve)(void *context);
    void *context;
};

/* Returns a set, as a descriptor to be closed, or -1 with ERROR_SYSTEM. */
int watch_open(struct error *e) MUST_CHECK;

/* Watches fd until it is closed (no copy of it may be open then). */
int watch_add(int set, int fd, struct watch *w, struct error *e) MUST_CHECK;

/* Waits up to timeout_ms (-1: no limit) and serves ready descriptors. */
void watch_serve(int set, int64_t timeout_ms);

#endif
