/*
 * users: how many different users an issue has, in 1024 registers (HyperLogLog).
 *
 * sql/0003-issues.sql says what a register and its rank are.  The hash is XXH3's of 64
 * bits over the bytes of the user's id.
 */
#ifndef MESHER_STORE_USERS_H
#define MESHER_STORE_USERS_H

#include "admin/issue_ref.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/db.h"

#define USERS_REGISTERS 1024U

/* Counts one user in: rank[register] is the highest rank seen, 0 for none. */
void users_add(unsigned char rank[USERS_REGISTERS], struct str user);

/* Counts the users of an issue again, from the events that are stored.  Returns 0, or -1
 * as db_run(). */
int users_recount(struct db *d, const struct issue_ref *issue,
                  struct error *e) MUST_CHECK;

/* SQL: the estimate, from registers that are counted as zeros and raw. */
#define USERS_FORMULA                                      \
    "CASE WHEN u.zeros > 0 AND u.raw <= 2560"              \
    "  THEN round((1024 * ln(1024.0 / u.zeros))::numeric)" \
    "  ELSE round(u.raw::numeric) END::bigint"
#define USERS_COUNTED                                                   \
    "1024 - count(*) AS zeros, 0.7213 / (1 + 1.079 / 1024) * 1048576.0" \
    " / (1024 - count(*) + coalesce(sum(2.0::float8 ^ -rank), 0)) AS raw"

/* SQL: that of the issue i of the query around it, a bigint. */
#define USERS_ESTIMATE                                      \
    "(SELECT " USERS_FORMULA " FROM (SELECT " USERS_COUNTED \
    " FROM issue_users WHERE project_id = i.project_id AND issue_id = i.id) u)"

/* SQL: those of all issues that have some: project_id, issue_id, users. */
#define USERS_ESTIMATES                                                     \
    "(SELECT project_id, issue_id, " USERS_FORMULA " AS users FROM (SELECT" \
    "  project_id, issue_id, " USERS_COUNTED                                \
    "  FROM issue_users GROUP BY project_id, issue_id) u)"

#endif
