#include "store/keys.h"

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
