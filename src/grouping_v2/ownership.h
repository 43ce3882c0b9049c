/*
 * ownership: decides which stack frames are not in-app, whatever the SDK says, and which
 * carry no information at all (sentry-protocol 8.3).
 */
#ifndef MESHER_GROUPING_V2_OWNERSHIP_H
#define MESHER_GROUPING_V2_OWNERSHIP_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/str.h"
#include "grouping_v2/family.h"

/* A frame as the SDK sent it; absent when not given. */
struct ownership {
    enum family family;
    struct str module, function, path, package;
};

/* Returns whether it is third-party code: a library, the standard library, the system. */
bool v2_ownership_is_foreign(const struct ownership *f) MUST_CHECK;

/* Returns whether the frame is left out of all groups: compiler helpers, run-time loops,
 * the first function of a thread. */
bool v2_ownership_is_noise(const struct ownership *f) MUST_CHECK;

/* Returns whether it is a function that raises errors: frames that it calls are left
 * out. */
bool v2_ownership_raises(const struct ownership *f) MUST_CHECK;

#endif
