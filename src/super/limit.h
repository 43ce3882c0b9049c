/*
 * limit: the number of descriptors that mesherd and its children may have.
 */
#ifndef MESHER_SUPER_LIMIT_H
#define MESHER_SUPER_LIMIT_H

#include "base/compat.h"
#include "base/error.h"

/* Descriptors that a child's start needs: the numbers up to this one. */
#define LIMIT_PARKED 256

/* Raises the soft limit to the hard one; the children inherit it.  Returns 0, or -1 with
 * ERROR_CONFIG: the hard limit does not suffice. */
int limit_raise(struct error *e) MUST_CHECK;

#endif
