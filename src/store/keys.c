#include "store/keys.h"

#include "base/num.h"

int
keys_find(struct db *d, const struct key *k, enum key_state *state, int64_t *project,
          struct error *e)
{
    struct str text = key_text(k);
    struct db_param param = {text.p, text.n};
    PGresult *r;

    if (db_run(d, STATEMENT_KEY, &param, 1, &r, e) != 0)
        return -1;
    *state = KEY_STATE_UNKNOWN;
    *project = 0;
    if (libpq.PQntuples(r) == 1) {
        *project = db_get_int8(r, 0, 0);
        *state = db_get_bool(r, 0, 1) ? KEY_STATE_REVOKED : KEY_STATE_GOOD;
    }
    libpq.PQclear(r);
    return 0;
}

int
keys_all(struct db *d, size_t most, keys_take *take, void *context, struct error *e)
{
    char limit[8];
    struct db_param param = {limit, sizeof limit};
    PGresult *r;
    int rc = 0;

    num_put_be64(limit, most);
    if (db_run(d, STATEMENT_KEYS, &param, 1, &r, e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0; i++) {
        struct key k;

        /* The table holds nothing else (its CHECK says so). */
        if (key_parse(db_get_str(r, i, 0), &k) == 0)
            rc = take(context, &k, db_get_int8(r, i, 1), db_get_int8(r, i, 2),
                      db_get_int8(r, i, 3));
    }
    libpq.PQclear(r);
    return rc;
}
