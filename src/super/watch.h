/*
 * watch: what the loop waits for: a descriptor and whom to call when it can be read.
 */
#ifndef MESHER_SUPER_WATCH_H
#define MESHER_SUPER_WATCH_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* Its fields are the owner's; it must stay where it is while it is watched. */
struct watch {
    void (*serve)(void *context);
    void *context;
};

/* A set, as a descriptor to be closed; or -1 with ERROR_SYSTEM. */
int watch_open(struct error *e) MUST_CHECK;

/* Watches fd until it is closed (no copy of it may be open then). */
int watch_add(int set, int fd, struct watch *w, struct error *e) MUST_CHECK;

/* Waits up to timeout_ms (-1: for ever) and serves what is ready. */
void watch_serve(int set, int64_t timeout_ms);

#endif
