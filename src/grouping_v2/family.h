/*
 * family: groups platforms by the way their stack frames are written.
 */
#ifndef MESHER_GROUPING_V2_FAMILY_H
#define MESHER_GROUPING_V2_FAMILY_H

#include "base/compat.h"
#include "base/str.h"

enum family {
    FAMILY_OTHER,
    FAMILY_JAVASCRIPT, /* also node */
    FAMILY_JAVA,
    FAMILY_PHP,
    FAMILY_PYTHON,
    FAMILY_RUBY,
    FAMILY_CSHARP,
    FAMILY_GO,
    FAMILY_NATIVE /* compiled code: C, C++, Objective-C, Swift, Rust */
};

/* Returns the family of a platform name; FAMILY_OTHER when it is absent or unknown. */
enum family v2_family_of(struct str platform) MUST_CHECK;

#endif
