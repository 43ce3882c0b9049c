/*
 * function: a function's name without the parts that compilers and interpreters generate
 * (sentry-protocol 8.3): numbers of lambdas, hashes, addresses, arguments, generics.
 */
#ifndef MESHER_GROUPING_V2_FUNCTION_H
#define MESHER_GROUPING_V2_FUNCTION_H

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping_v2/family.h"

/* Cleans a name (only its first LIMIT_FUNCTION_BYTES count) by the rules of its family: a
 * view of the name, or from the arena.  Absent when the name carries no information, or
 * differs from one build to the next.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int v2_function_clean(struct arena *a, enum family family, struct str name,
                      struct str *out, struct error *e) MUST_CHECK;

/* The same for a demangled name of a FAMILY_NATIVE function. */
int v2_function_clean_native(struct arena *a, struct str name, struct str *out,
                             struct error *e) MUST_CHECK;

/* Returns at most LIMIT_FUNCTION_BYTES of a name, in whole characters. */
struct str v2_function_cut(struct str name) MUST_CHECK;

#endif
