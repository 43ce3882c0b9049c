/*
 * usermark: how a user id changes the count of distinct users of an issue.
 *
 * The count is a HyperLogLog of 1024 registers (Flajolet and others, 2007): a hash of
 * the id selects a register and the rank to raise it to.  Registers are kept in
 * issue_users; the standard error is 3.3 %.
 */
#ifndef MESHER_STORE_USERMARK_H
#define MESHER_STORE_USERMARK_H

#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

#define USERMARK_REGISTERS 1024U
#define USERMARK_RANK_MAX 55U

/* Returns the register times 64 plus the rank, 1 to USERMARK_RANK_MAX.  The mark of an
 * id must be the same on every machine and never change, because it is stored. */
int64_t usermark_of(struct str user_id) MUST_CHECK;

/* Like usermark_of(), for a hash. */
int64_t usermark_of_hash(uint64_t hash) MUST_CHECK;

#endif
