/*
 * users: the estimated number of distinct users of an issue, in 1024 registers
 * (HyperLogLog).
 *
 * sql/0003-issues.sql defines registers and their ranks.  The hash is the 64-bit XXH3 of
 * the bytes of the user's id.
 */
#ifndef MESHER_ADMIN_USERS_H
#define MESHER_ADMIN_USERS_H

#include "admin/issue_ref.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "store/db.h"

#define USERS_REGISTERS 1024U

/* Counts one user: rank[register] is the highest rank seen, 0 for none. */
void users_add(unsigned char rank[USERS_REGISTERS], struct str user);

/* Recounts the users of an issue from the stored events.  Returns 0, or -1 as
 * db_run(). */
int users_recount(struct db *d, const struct issue_ref *issue,
                  struct error *e) MUST_CHECK;

#endif
