#include "store/keys.h"

#include <string.h>

#include "admit/origins.h"
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
keys_door(struct db *d, const struct key *k, struct keys_door *out, struct error *e)
{
    struct str text = key_text(k);
    struct db_param param = {text.p, text.n};
    PGresult *r;

    if (db_run(d, STATEMENT_DOOR, &param, 1, &r, e) != 0)
        return -1;
    *out = (struct keys_door){.state = KEY_STATE_UNKNOWN};
    if (libpq.PQntuples(r) == 1)
        *out = (struct keys_door){.state = db_get_bool(r, 0, 1) ? KEY_STATE_REVOKED
                                                                : KEY_STATE_GOOD,
                                  .project = db_get_int8(r, 0, 0),
                                  .rate_limit = db_get_int8(r, 0, 2),
                                  .rate_window_s = db_get_int8(r, 0, 3),
                                  .left_ms = db_get_int8(r, 0, 4),
                                  .used = db_get_int8(r, 0, 5)};
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

int
keys_origins(struct db *d, int64_t project, char *out, size_t *n, struct error *e)
{
    char number[8];
    struct db_param param = {number, sizeof number};
    struct str text = STR_NONE;
    PGresult *r;

    num_put_be64(number, (uint64_t)project);
    if (db_run(d, STATEMENT_ORIGINS, &param, 1, &r, e) != 0)
        return -1;
    if (libpq.PQntuples(r) == 1)
        text = db_get_str(r, 0, 0);
    *n = text.n;
    if (text.n > 0 && text.n <= ORIGINS_MAX_BYTES)
        (void)memcpy(out, text.p, text.n);
    libpq.PQclear(r);
    if (text.p != NULL && text.n <= ORIGINS_MAX_BYTES)
        return 0;
    return error_set(e, ERROR_UNAVAILABLE, "no such project");
}
