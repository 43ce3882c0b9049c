#include "store/takeover.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store/arrays.h"
#include "store/statements.h"

enum column { COLUMN_PROJECT, COLUMN_NEW, COLUMN_OLD, N_COLUMNS };

static const uint32_t oids[N_COLUMNS] = {ARRAYS_INT8, ARRAYS_BYTEA, ARRAYS_BYTEA};

struct takeover {
    struct db *db;
    struct arrays columns;
};

struct takeover *
takeover_new(struct db *d)
{
    struct takeover *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->db = d;
    arrays_init(&t->columns, oids, N_COLUMNS);
    return t;
}

void
takeover_free(struct takeover *t)
{
    if (t == NULL)
        return;
    arrays_release(&t->columns);
    free(t);
}

/* Returns the number of entries with two fingerprints. */
static size_t
fill(struct takeover *t, const struct entry *entries, size_t count)
{
    char old[4 + 16];
    size_t n = 0;

    num_put_be32(old, 16);
    arrays_clear(&t->columns);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &entries[i].item->what.row;

        if (row->old_fingerprint.p == NULL)
            continue;
        arrays_add_int8(&t->columns, COLUMN_PROJECT, entries[i].item->project);
        arrays_add(&t->columns, COLUMN_NEW, row->field[ROW_FINGERPRINT]);
        (void)memcpy(old + 4, row->old_fingerprint.p, row->old_fingerprint.n);
        arrays_add(&t->columns, COLUMN_OLD, (struct str){old, sizeof old});
        n++;
    }
    return n;
}

static int
run(struct takeover *t, enum statement s, const struct entry *entries, size_t count,
    struct error *e)
{
    struct db_param params[N_COLUMNS];
    PGresult *r;

    if (fill(t, entries, count) == 0)
        return 0;
    if (arrays_params(&t->columns, params, N_COLUMNS, e) != 0 ||
        db_run(t->db, s, params, N_COLUMNS, &r, e) != 0)
        return -1;
    libpq.PQclear(r);
    return 0;
}

int
takeover_begin(struct takeover *t, const struct entry *entries, size_t count,
               struct error *e)
{
    return run(t, STATEMENT_TAKE_OVER, entries, count, e);
}

int
takeover_end(struct takeover *t, const struct entry *entries, size_t count,
             struct error *e)
{
    return run(t, STATEMENT_SPLIT, entries, count, e);
}
