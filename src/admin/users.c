#include "admin/users.h"

#include <string.h>
#include <xxhash.h>

#include "admin/sql.h"
#include "admin/transaction.h"
#include "base/buf.h"
#include "base/limits.h"

#define REST_BITS 54U

void
users_add(unsigned char rank[USERS_REGISTERS], struct str user)
{
    uint64_t h = XXH3_64bits(user.p, user.n);
    uint64_t rest = h << (64U - REST_BITS);
    unsigned char seen = 1;

    while (seen <= REST_BITS && (rest >> 63) == 0) {
        rest <<= 1;
        seen++;
    }
    h >>= REST_BITS;
    if (seen > rank[h])
        rank[h] = seen;
}

int
users_recount(struct db *d, const struct issue_ref *issue, struct error *e)
{
    unsigned char rank[USERS_REGISTERS] = {0};
    struct buf registers = buf_init(LIMIT_MIB), ranks = buf_init(LIMIT_MIB);
    const char *params[] = {issue->project, issue->id, NULL, NULL};
    PGresult *r;
    int rc = db_run_params(d, admin_sql_users_of_issue, params, 2, &r, e);

    if (rc != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r); i++)
        users_add(rank, db_get_str(r, i, 0));
    libpq.PQclear(r);
    buf_add_char(&registers, '{');
    buf_add_char(&ranks, '{');
    for (size_t i = 0; i < USERS_REGISTERS; i++)
        if (rank[i] > 0) {
            buf_add_f(&registers, "%s%zu", registers.n > 1 ? "," : "", i);
            buf_add_f(&ranks, "%s%d", ranks.n > 1 ? "," : "", rank[i]);
        }
    buf_add(&registers, "}", 2);
    buf_add(&ranks, "}", 2);
    if (registers.failed || ranks.failed)
        rc = error_set(e, ERROR_SYSTEM, "out of memory");
    params[2] = registers.data;
    params[3] = ranks.data;
    if (rc == 0)
        rc = transaction_do(d, admin_sql_issue_users_delete, params, 2, NULL, e);
    if (rc == 0)
        rc = transaction_do(d, admin_sql_issue_users_add, params, 4, NULL, e);
    buf_release(&registers);
    buf_release(&ranks);
    return rc;
}
