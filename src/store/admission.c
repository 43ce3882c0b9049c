#include "store/admission.h"

#include <stdlib.h>

#include "base/clock.h"
#include "store/arrays.h"
#include "store/batch.h"

/* What one project asks for and gets. */
struct share {
    int64_t project;
    int64_t units, granted;
    uint32_t retry_ms;
    bool known;
};

struct admission {
    struct db *db;
    struct window_table *windows;
    struct arrays wanted, again, settled;
    struct share shares[FRAME_MAX_ITEMS];
    size_t count;
    struct share *last; /* found by find_share() last: runs of one project are the rule */
};

static const uint32_t wanted_oids[] = {ARRAYS_INT8, ARRAYS_INT8};
static const uint32_t again_oids[] = {ARRAYS_INT8, ARRAYS_UUID};
static const uint32_t settled_oids[] = {ARRAYS_INT8, ARRAYS_INT8, ARRAYS_INT8};

struct admission *
admission_new(struct db *d, struct window_table *windows)
{
    struct admission *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->db = d;
    a->windows = windows;
    arrays_init(&a->wanted, wanted_oids, COUNT_OF(wanted_oids));
    arrays_init(&a->again, again_oids, COUNT_OF(again_oids));
    arrays_init(&a->settled, settled_oids, COUNT_OF(settled_oids));
    return a;
}

void
admission_free(struct admission *a)
{
    if (a == NULL)
        return;
    arrays_release(&a->wanted);
    arrays_release(&a->again);
    arrays_release(&a->settled);
    free(a);
}

static int
by_project(const void *pa, const void *pb)
{
    const struct share *a = pa, *b = pb;

    return (a->project > b->project) - (a->project < b->project);
}

/* Runs a statement with the first count arrays. */
static int
run_arrays(struct admission *a, enum statement s, struct arrays *arrays, size_t count,
           PGresult **r, struct error *e)
{
    struct db_param params[COUNT_OF(settled_oids)];

    CHECK(count <= COUNT_OF(params));
    if (arrays_params(arrays, params, count, e) != 0)
        return -1;
    return db_run(a->db, s, params, count, r, e);
}

/* Rows that were sent before: those that are stored get their verdict here. */
static int
settle_repeats(struct admission *a, struct batch_item *items, size_t count,
               struct error *e)
{
    size_t n = 0, seen = 0;
    PGresult *r;
    int row = 0;

    arrays_clear(&a->again);
    for (size_t i = 0; i < count; i++)
        if (items[i].again && items[i].what.kind == FRAME_ITEM_ROW) {
            arrays_add_int8(&a->again, 0, items[i].project);
            arrays_add(&a->again, 1, items[i].what.row.field[ROW_ID]);
            n++;
        }
    if (n == 0)
        return 0;
    if (run_arrays(a, STATEMENT_STORED, &a->again, COUNT_OF(again_oids), &r, e) != 0)
        return -1;
    for (size_t i = 0; i < count && row < libpq.PQntuples(r); i++)
        if (items[i].again && items[i].what.kind == FRAME_ITEM_ROW &&
            (int64_t)++seen == db_get_int8(r, row, 0)) {
            items[i].verdict.status = VERDICT_DUPLICATE;
            row++;
        }
    libpq.PQclear(r);
    return 0;
}

/* Adds up the units of each project; shares[] is sorted and has each project once
 * afterwards. */
static void
sum_units(struct admission *a, const struct batch_item *items, size_t count)
{
    size_t n = 0;

    a->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct share *last = a->count == 0 ? NULL : &a->shares[a->count - 1];

        if (items[i].verdict.status == VERDICT_DUPLICATE)
            continue;
        if (last != NULL && last->project == item_payer(&items[i]))
            last->units++;
        else
            a->shares[a->count++] =
                (struct share){.project = item_payer(&items[i]), .units = 1};
    }
    qsort(a->shares, a->count, sizeof a->shares[0], by_project);
    for (size_t i = 0; i < a->count; i++) {
        if (n > 0 && a->shares[n - 1].project == a->shares[i].project)
            a->shares[n - 1].units += a->shares[i].units;
        else
            a->shares[n++] = a->shares[i];
    }
    a->count = n;
    a->last = NULL;
}

static struct share *
find_share(struct admission *a, int64_t project)
{
    struct share key = {.project = project};

    if (a->last == NULL || a->last->project != project)
        a->last = bsearch(&key, a->shares, a->count, sizeof key, by_project);
    return a->last;
}

static int
take_units(struct admission *a, struct error *e)
{
    int64_t now_ms;
    PGresult *r;

    arrays_clear(&a->wanted);
    for (size_t i = 0; i < a->count; i++) {
        arrays_add_int8(&a->wanted, 0, a->shares[i].project);
        arrays_add_int8(&a->wanted, 1, a->shares[i].units);
    }
    if (run_arrays(a, STATEMENT_ADMIT, &a->wanted, COUNT_OF(wanted_oids), &r, e) != 0)
        return -1;
    now_ms = clock_now_ms();
    for (int i = 0; i < libpq.PQntuples(r); i++) {
        struct share *s = find_share(a, db_get_int8(r, i, 0));
        int64_t retry_ms = db_get_int8(r, i, 2);

        CHECK(s != NULL);
        s->known = true;
        s->granted = db_get_int8(r, i, 1);
        s->retry_ms = retry_ms < 1 ? 1U : (uint32_t)retry_ms;
        window_learn(a->windows, s->project, now_ms, retry_ms, db_get_int8(r, i, 3),
                     db_get_int8(r, i, 4));
    }
    libpq.PQclear(r);
    return 0;
}

/* Records are taken whatever the events' window is, but who sends only them learns from
 * their verdicts when that one is used up. */
static int
tell_exhausted(struct admission *a, struct batch_item *items, size_t count,
               struct error *e)
{
    PGresult *r;
    size_t n = 0;

    arrays_clear(&a->wanted);
    for (size_t i = 0; i < a->count && a->shares[i].project < 0; i++, n++)
        arrays_add_int8(&a->wanted, 0, -a->shares[i].project);
    if (n == 0)
        return 0;
    if (run_arrays(a, STATEMENT_EXHAUSTED, &a->wanted, 1, &r, e) != 0)
        return -1;
    for (int row = 0; row < libpq.PQntuples(r); row++)
        for (size_t i = 0; i < count; i++)
            if (items[i].what.kind == FRAME_ITEM_RECORD &&
                items[i].verdict.status == VERDICT_STORED &&
                items[i].project == db_get_int8(r, row, 0))
                items[i].verdict.retry_ms = (uint32_t)db_get_int8(r, row, 1);
    libpq.PQclear(r);
    return 0;
}

static void
set_verdicts(struct admission *a, struct batch_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct share *s = find_share(a, item_payer(&items[i]));

        if (items[i].verdict.status == VERDICT_DUPLICATE)
            continue;
        CHECK(s != NULL);
        if (!s->known)
            items[i].verdict.status = VERDICT_NO_PROJECT;
        else if (s->granted-- > 0)
            items[i].verdict = (struct verdict){.status = VERDICT_STORED};
        else
            items[i].verdict = (struct verdict){VERDICT_LIMITED, s->retry_ms};
    }
}

int
admission_run(struct admission *a, struct batch_item *items, size_t count,
              struct error *e)
{
    int rc;

    if (settle_repeats(a, items, count, e) != 0)
        return -1;
    sum_units(a, items, count);
    if (a->count == 0)
        return 0;
    rc = take_units(a, e);
    if (rc == 0) {
        set_verdicts(a, items, count);
        rc = tell_exhausted(a, items, count, e);
    }
    if (rc != 0)
        for (size_t i = 0; i < count; i++)
            items[i].verdict = (struct verdict){.status = VERDICT_UNAVAILABLE};
    return rc;
}

int
admission_pass(struct admission *a, struct batch_item *items, size_t count,
               struct error *e)
{
    PGresult *r;

    sum_units(a, items, count);
    arrays_clear(&a->wanted);
    for (size_t i = 0; i < a->count; i++) {
        arrays_add_int8(&a->wanted, 0, a->shares[i].project);
        arrays_add_int8(&a->wanted, 1, 0);
    }
    if (run_arrays(a, STATEMENT_PROJECTS, &a->wanted, 1, &r, e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r); i++) {
        struct share *s = find_share(a, db_get_int8(r, i, 0));

        CHECK(s != NULL);
        s->known = true;
    }
    libpq.PQclear(r);
    for (size_t i = 0; i < count; i++) {
        const struct share *s = find_share(a, item_payer(&items[i]));

        CHECK(s != NULL);
        items[i].verdict.status = s->known ? VERDICT_STORED : VERDICT_NO_PROJECT;
    }
    return 0;
}

/* What it says about the windows that it was told of. */
static void
learn_settled(struct admission *a, const PGresult *r)
{
    int64_t now_ms = clock_now_ms();

    for (int i = 0; i < libpq.PQntuples(r); i++)
        window_learn(a->windows, db_get_int8(r, i, 0), now_ms, db_get_int8(r, i, 1),
                     db_get_int8(r, i, 2), db_get_int8(r, i, 3));
}

int
admission_settle(struct admission *a, int64_t now_ms, struct error *e)
{
    struct window w;
    PGresult *r = NULL;
    size_t at = 0, count = 0;
    int rc = 0;

    arrays_clear(&a->settled);
    while (window_next_unsettled(a->windows, &at, now_ms, &w)) {
        arrays_add_int8(&a->settled, 0, w.project);
        arrays_add_int8(&a->settled, 1, w.unsettled);
        arrays_add_int8(&a->settled, 2, w.end_ms - now_ms);
        count++;
    }
    if (count > 0)
        rc = run_arrays(a, STATEMENT_SETTLE, &a->settled, COUNT_OF(settled_oids), &r, e);
    window_settled(a->windows, rc == 0);
    if (rc == 0 && count > 0) {
        learn_settled(a, r);
        libpq.PQclear(r);
    }
    return rc;
}
