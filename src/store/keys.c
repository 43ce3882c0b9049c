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
keys_find_access(struct db *d, const struct key *k, struct keys_access *out,
                 struct error *e)
{
    struct str text = key_text(k);
    struct db_param param = {text.p, text.n};
    PGresult *r;

    if (db_run(d, STATEMENT_KEY_ACCESS, &param, 1, &r, e) != 0)
        return -1;
    *out = (struct keys_access){.state = KEY_STATE_UNKNOWN};
    if (libpq.PQntuples(r) == 1)
        *out = (struct keys_access){
            .state = db_get_bool(r, 0, 1) ? KEY_STATE_REVOKED : KEY_STATE_GOOD,
            .project = db_get_int8(r, 0, 0),
            .limits = {db_get_int8(r, 0, 2), db_get_int8(r, 0, 3), db_get_int8(r, 0, 6)},
            .left_ms = db_get_int8(r, 0, 4),
            .used = db_get_int8(r, 0, 5),
            .bytes_left_ms = db_get_int8(r, 0, 7),
            .bytes_used = db_get_int8(r, 0, 8)};
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
        const struct keys_limits limits = {db_get_int8(r, i, 2), db_get_int8(r, i, 3),
                                           db_get_int8(r, i, 4)};
        struct key k;

        /* The table holds no other values (it has a CHECK). */
        if (key_parse(db_get_str(r, i, 0), &k) == 0)
            rc = take(context, &k, db_get_int8(r, i, 1), &limits);
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

static struct scrubbing
scrubbing_at(const PGresult *r, int row, int column)
{
    return (struct scrubbing){.on = db_get_bool(r, row, column),
                              .addresses = db_get_bool(r, row, column + 1),
                              .own = db_get_str(r, row, column + 2),
                              .safe = db_get_str(r, row, column + 3),
                              .filters = db_get_str(r, row, column + 4),
                              .old_issues = db_get_bool(r, row, column + 5)};
}

int
keys_scrubbing(struct db *d, int64_t project, char *out, size_t *n, struct error *e)
{
    char number[8];
    struct db_param param = {number, sizeof number};
    struct buf text = buf_init(SCRUBBING_MAX_BYTES);
    PGresult *r;

    num_put_be64(number, (uint64_t)project);
    if (db_run(d, STATEMENT_SCRUBBING, &param, 1, &r, e) != 0)
        return -1;
    *n = 0;
    if (libpq.PQntuples(r) == 1) {
        const struct scrubbing w = scrubbing_at(r, 0, 0);

        scrubbing_format(&w, &text);
    }
    if (!text.failed && text.n > 0) {
        (void)memcpy(out, text.data, text.n);
        *n = text.n;
    }
    libpq.PQclear(r);
    buf_release(&text);
    return *n > 0 ? 0 : error_set(e, ERROR_UNAVAILABLE, "no such project");
}

int
keys_scrubbings(struct db *d, keys_take_scrubbing *take, void *context, struct error *e)
{
    PGresult *r;
    int rc = 0;

    if (db_run(d, STATEMENT_SCRUBBINGS, NULL, 0, &r, e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r) && rc == 0; i++) {
        const struct scrubbing w = scrubbing_at(r, i, 1);

        rc = take(context, db_get_int8(r, i, 0), &w);
    }
    libpq.PQclear(r);
    return rc;
}
