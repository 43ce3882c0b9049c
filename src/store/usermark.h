/*
 * usermark: what a user id does to the count of distinct users of an issue.
 *
 * A HyperLogLog of 1024 registers (Flajolet and others, 2007): a hash of the id names one
 * of them, and the rank that it is raised to.  Registers are kept in issue_users; their
 * standard error is 3.3 %.
 */
#ifndef MESHER_STORE_USERMARK_H
#define MESHER_STORE_USERMARK_H

#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

#define USERMARK_REGISTERS 1024U
#define USERMARK_RANK_MAX 55U

/* The register times 64 plus the rank, 1 to USERMARK_RANK_MAX.  The same id gives the
 * same mark on every machine and for ever: it is stored. */
int64_t usermark_of(struct str user_id) MUST_CHECK;

/* The same of a hash. */
int64_t usermark_of_hash(uint64_t hash) MUST_CHECK;

#endif
