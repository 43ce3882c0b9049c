/*
 * backoff: the delay before a child that died is started again.
 *
 * The first restart is immediate: a chance failure is over within milliseconds.  A child
 * that soon dies again waits longer each time, up to BACKOFF_MAX_MS; after a life of
 * BACKOFF_STABLE_MS the delay starts over.
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

/* Returns the milliseconds to wait after a life of lived_ms. */
int64_t backoff_after(struct backoff *b, int64_t lived_ms) MUST_CHECK;

#endif
