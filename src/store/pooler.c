#include "store/pooler.h"

#include "base/str.h"

/* Idle sessions are used again last in, first out: without other clients, one attempt is
 * enough. */
#define ATTEMPTS 10

/* Sets pid to the number of the process that answers. */
static int
ask(struct db *d, char pid[24], struct error *e)
{
    PGresult *r;

    if (db_run_params(d, "SELECT pg_backend_pid()", NULL, 0, &r, e) != 0)
        return -1;
    str_copy(db_get_str(r, 0, 0), pid, 24);
    libpq.PQclear(r);
    return 0;
}

int
pooler_look(struct db *d, enum pooler *out, struct error *e)
{
    char first[24], pid[24];
    struct db *other;

    *out = POOLER_NONE;
    if (db_connect(d, e) != 0)
        return -1;
    if (!db_is_shared(d))
        return 0;
    *out = POOLER_SESSION;
    other = db_like(d);
    if (other == NULL)
        return error_no_memory(e);
    /* A pool of one session in session mode lets nobody else in. */
    for (int i = 0; i < ATTEMPTS && *out == POOLER_SESSION; i++) {
        struct error ignored;

        if (ask(d, first, e) != 0 || ask(other, pid, &ignored) != 0)
            break;
        if (str_eq(str_of(first), str_of(pid)))
            *out = POOLER_TRANSACTION;
    }
    db_free(other);
    return db_is_connected(d) ? 0 : -1;
}
