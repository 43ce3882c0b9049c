/*
 * chain: the exceptions of an event as components of a fingerprint (sentry-protocol 8.3).
 *
 * Each exception adds its type, and its stack trace, or its value if the stack trace adds
 * nothing.  Of exception groups (exception_id, parent_id, is_exception_group) only the
 * distinct leaves count, in an order independent of the list's.
 */
#ifndef MESHER_GROUPING_V2_CHAIN_H
#define MESHER_GROUPING_V2_CHAIN_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping_v2/exception_tree.h"
#include "grouping_v2/stack.h"
#include "grouping_v2/stackframe.h"

/* Adds the exceptions of a list (trace.h; absent: none) to a newly begun stack.  Sets
 * *counts when there was something to add.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int v2_chain_add(struct v2_stack *s, struct stackframes *all, struct str exceptions,
                 bool *counts, struct error *e) MUST_CHECK;

/* Finds the exception (JSON) that gives an event its title, if it is the only leaf of a
 * group; absent when it is the last exception, the usual case.  Returns as above. */
int v2_chain_main(struct stackframes *all, struct str exceptions, struct str *out,
                  struct error *e) MUST_CHECK;

#endif
