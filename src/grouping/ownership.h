/*
 * ownership: which stack frames are not the program's own, whatever its SDK said, and
 * which ones tell nothing at all (sentry-protocol 8.3).
 */
#ifndef MESHER_EVENT_OWNERSHIP_H
#define MESHER_EVENT_OWNERSHIP_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/str.h"
#include "grouping/family.h"

/* A frame as the SDK gave it; absent where it did not. */
struct ownership {
    enum family family;
    struct str module, function, path, package;
};

/* Code of somebody else: a library, the standard library, the system. */
bool ownership_is_foreign(const struct ownership *f) MUST_CHECK;

/* Left out of all groups: helpers of compilers, loops of run times, the first function of
 * a thread. */
bool ownership_is_noise(const struct ownership *f) MUST_CHECK;

/* A function that raises: what it calls is left out. */
bool ownership_raises(const struct ownership *f) MUST_CHECK;

#endif
