/*
 * chain: the exceptions of an event as components of a fingerprint (sentry-protocol 8.3).
 *
 * Each gives its type, and its stack trace, or where that gives nothing its value.  Of
 * exceptions that are grouped (exception_id, parent_id, is_exception_group) only the
 * different leaves count, in an order that is not that of the list.
 */
#ifndef MESHER_EVENT_CHAIN_H
#define MESHER_EVENT_CHAIN_H

#include <stdbool.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping/exception_tree.h"
#include "grouping/stack.h"
#include "grouping/stackframe.h"

/* Adds the exceptions of a list (trace.h; absent: none) to a stack that was just begun.
 * Sets *counts when there was something to add.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int chain_add(struct stack *s, struct frames *all, struct str exceptions, bool *counts,
              struct error *e) MUST_CHECK;

/* Finds the exception (JSON) that gives an event its name, which is the only leaf of a
 * group; absent when it is the last, as it is everywhere else. Likewise. */
int chain_main(struct frames *all, struct str exceptions, struct str *out,
               struct error *e) MUST_CHECK;

#endif
