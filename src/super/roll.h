/*
 * roll: children replaced one by one: each is asked to end, and the next one has its turn
 * when the successor is ready.
 *
 * So a pool that shares a socket serves all the time, and a new program that does not
 * work costs one process and not all.
 */
#ifndef MESHER_SUPER_ROLL_H
#define MESHER_SUPER_ROLL_H

#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "super/tree.h"

/* Has them replaced: the children of a section or a single one, by its name, or with NULL
 * all whose section is `rolling`.  0, or -1 with ERROR_NOT_FOUND. */
int roll_begin(struct tree *t, const char *name, struct error *e) MUST_CHECK;

/* Goes on to the next one when it is time. */
void roll_step(struct tree *t, int64_t now_ms);

/* Leaves it at that, because of this child: t->roll_error says so. */
void roll_abort(struct tree *t, const struct child *c, const char *why);

#endif
