/*
 * v2: the fingerprint of version 2 of the grouping algorithm, for issues that were
 * created with it.
 *
 * This folder is a copy of the algorithm as it was; it never changes.  An event of a
 * project that has such issues travels with both fingerprints, and the store writes the
 * new one into the issue of the old one (doc/design/grouping.md, Versions).  When the
 * last issue of that time has expired, the folder goes.
 */
#ifndef MESHER_GROUPING_V2_V2_H
#define MESHER_GROUPING_V2_V2_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "event/work.h"
#include "grouping/fingerprint.h"
#include "grouping/rules.h"

/* Computes the fingerprint; rule: the administrator's that matches, or NULL.  Returns 0,
 * or -1 with the errors of grouping_event(). */
int grouping_v2(const struct work *work, const struct rule *rule, const struct event *ev,
                uint8_t out[FINGERPRINT_BYTES], struct error *e) MUST_CHECK;

#endif
