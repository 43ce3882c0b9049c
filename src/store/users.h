/*
 * users: how many different users an issue has, in 1024 registers (HyperLogLog).
 *
 * sql/0003-issues.sql says what a register and its rank are.  The hash is XXH3's of 64
 * bits over the bytes of the user's id.
 */
#ifndef MESHER_STORE_USERS_H
#define MESHER_STORE_USERS_H

#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/db.h"
#include "store/issue.h"

#define USERS_REGISTERS 1024U

/* Counts one user in: rank[register] is the highest rank seen, 0 for none. */
void users_add(unsigned char rank[USERS_REGISTERS], struct str user);

/* Counts the users of an issue again, from the events that are stored.  Returns 0, or -1
 * as db_run(). */
int users_recount(struct db *d, const struct issue_ref *issue,
                  struct error *e) MUST_CHECK;

/* SQL: the estimate for the issue i of the query around it, a bigint. */
#define USERS_ESTIMATE                                                                \
    "(SELECT CASE WHEN u.zeros > 0 AND u.raw <= 2560"                                 \
    "  THEN round(1024 * ln(1024.0 / u.zeros)) ELSE round(u.raw) END::bigint FROM"    \
    " (SELECT 1024 - count(*) AS zeros, (0.7213 / (1 + 1.079 / 1024) * 1048576"       \
    "   / (1024 - count(*) + coalesce(sum(2.0::float8 ^ -rank), 0)))::numeric AS raw" \
    "  FROM issue_users WHERE project_id = i.project_id AND issue_id = i.id) u)"

#endif
