/*
 * backoff: how long a child that has died waits before it is started again.
 *
 * The first time not at all: a death by chance is over within milliseconds.  One that
 * dies again soon waits longer each time, up to BACKOFF_MAX_MS; one that has lived for
 * BACKOFF_STABLE_MS begins anew.
 */
#ifndef MESHER_SUPER_BACKOFF_H
#define MESHER_SUPER_BACKOFF_H

#include <stdint.h>

#include "base/compat.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000
#define BACKOFF_STABLE_MS 3000

struct backoff {
    int64_t next_ms;
};

/* Milliseconds to wait after a life of lived_ms. */
int64_t backoff_after(struct backoff *b, int64_t lived_ms) MUST_CHECK;

#endif
