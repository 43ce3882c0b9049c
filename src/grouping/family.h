/*
 * family: platforms by how their stack frames are written.
 */
#ifndef MESHER_EVENT_FAMILY_H
#define MESHER_EVENT_FAMILY_H

#include "base/compat.h"
#include "base/str.h"

enum family {
    FAMILY_OTHER,
    FAMILY_JAVASCRIPT, /* node, too */
    FAMILY_JAVA,
    FAMILY_PHP,
    FAMILY_PYTHON,
    FAMILY_RUBY,
    FAMILY_CSHARP,
    FAMILY_GO,
    FAMILY_NATIVE /* what a compiler made: C, C++, Objective-C, Swift, Rust */
};

/* The family of a platform's name, absent or unknown: FAMILY_OTHER. */
enum family family_of(struct str platform) MUST_CHECK;

#endif
