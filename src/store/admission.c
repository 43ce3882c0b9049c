#include "store/admission.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/arrays.h"
#include "store/batch.h"

/* The amount that a project asks for and gets, in units or in bytes. */
struct share {
    int64_t project;
    int64_t units, granted;
    uint32_t retry_ms;
    bool known;
};

/* One share for each project, sorted by number. */
struct shares {
    struct share list[FRAME_MAX_ITEMS];
    size_t count;
    struct share *last; /* found last: items of a project come in runs */
};

struct admission {
    struct db *db;
    struct windows windows;
    struct arrays wanted, again, settled;
    struct shares units, bytes; /* units: negative project numbers are for records */
};

static const uint32_t wanted_oids[] = {ARRAYS_INT8, ARRAYS_INT8, ARRAYS_INT8,
                                       ARRAYS_INT8};
static const uint32_t again_oids[] = {ARRAYS_INT8, ARRAYS_UUID};
static const uint32_t settled_oids[] = {ARRAYS_INT8, ARRAYS_INT8, ARRAYS_INT8};

struct admission *
admission_new(struct db *d, struct windows windows)
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

/* Runs a statement with the first count arrays as parameters. */
static int
run_arrays(struct admission *a, enum statement s, struct arrays *arrays, size_t count,
           PGresult **r, struct error *e)
{
    struct db_param params[COUNT_OF(wanted_oids)];

    CHECK(count <= COUNT_OF(params));
    if (arrays_params(arrays, params, count, e) != 0)
        return -1;
    return db_run(a->db, s, params, count, r, e);
}

/* Sets the verdict of items that were sent before and are already stored. */
static int
settle_repeats(struct admission *a, struct batch_entry *items, size_t count,
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

/* Adds units to the project's share; starts a new share unless the last one belongs to
 * this project. */
static void
add_units(struct shares *s, int64_t project, int64_t units)
{
    struct share *last = s->count == 0 ? NULL : &s->list[s->count - 1];

    if (last != NULL && last->project == project)
        last->units += units;
    else
        s->list[s->count++] = (struct share){.project = project, .units = units};
}

/* Sorts the shares and merges those of the same project. */
static void
unite(struct shares *s)
{
    size_t n = 0;

    qsort(s->list, s->count, sizeof s->list[0], by_project);
    for (size_t i = 0; i < s->count; i++) {
        if (n > 0 && s->list[n - 1].project == s->list[i].project)
            s->list[n - 1].units += s->list[i].units;
        else
            s->list[n++] = s->list[i];
    }
    s->count = n;
    s->last = NULL;
}

/* Adds up the amounts that each project asks for. */
static void
sum_units(struct admission *a, const struct batch_entry *items, size_t count)
{
    a->units.count = a->bytes.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].verdict.status == VERDICT_DUPLICATE)
            continue;
        add_units(&a->units, batch_entry_payer(&items[i]), 1);
        add_units(&a->bytes, items[i].project, batch_entry_bytes(&items[i]));
    }
    unite(&a->units);
    unite(&a->bytes);
}

static struct share *
find_share(struct shares *s, int64_t project)
{
    struct share key = {.project = project};

    if (s->last == NULL || s->last->project != project)
        s->last = bsearch(&key, s->list, s->count, sizeof key, by_project);
    return s->last;
}

/* Reads the amounts that the database granted, in four columns from `column` on. */
static void
take_share(struct shares *shares, int64_t project, const PGresult *r, int row, int column)
{
    struct share *s = find_share(shares, project);
    int64_t retry_ms = db_get_int8(r, row, column + 1);

    CHECK(s != NULL);
    s->known = true;
    s->granted = db_get_int8(r, row, column);
    s->retry_ms = retry_ms < 1 ? 1U : (uint32_t)retry_ms;
}

static int
take_units(struct admission *a, struct error *e)
{
    int64_t now_ms;
    PGresult *r;

    arrays_clear(&a->wanted);
    for (size_t i = 0; i < a->units.count; i++) {
        arrays_add_int8(&a->wanted, 0, a->units.list[i].project);
        arrays_add_int8(&a->wanted, 1, a->units.list[i].units);
    }
    for (size_t i = 0; i < a->bytes.count; i++) {
        arrays_add_int8(&a->wanted, 2, a->bytes.list[i].project);
        arrays_add_int8(&a->wanted, 3, a->bytes.list[i].units);
    }
    if (run_arrays(a, STATEMENT_ADMIT, &a->wanted, COUNT_OF(wanted_oids), &r, e) != 0)
        return -1;
    now_ms = clock_now_ms();
    for (int i = 0; i < libpq.PQntuples(r); i++) {
        int64_t payer = db_get_int8(r, i, 0), project = payer < 0 ? -payer : payer;

        take_share(&a->units, payer, r, i, 1);
        take_share(&a->bytes, project, r, i, 5);
        window_learn(a->windows.units, payer, now_ms, db_get_int8(r, i, 2),
                     db_get_int8(r, i, 3), db_get_int8(r, i, 4));
        window_learn(a->windows.bytes, project, now_ms, db_get_int8(r, i, 6),
                     db_get_int8(r, i, 7), db_get_int8(r, i, 8));
    }
    libpq.PQclear(r);
    return 0;
}

/* Records are accepted even when the window of events is used up.  Their verdicts then
 * report this all the same, for clients that send only records. */
static int
tell_exhausted(struct admission *a, struct batch_entry *items, size_t count,
               struct error *e)
{
    PGresult *r;
    size_t n = 0;

    arrays_clear(&a->wanted);
    for (size_t i = 0; i < a->units.count && a->units.list[i].project < 0; i++, n++)
        arrays_add_int8(&a->wanted, 0, -a->units.list[i].project);
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

/* Charges the cost of one item.  Returns the share that was too small, or NULL. */
static const struct share *
pay(struct share *units, struct share *bytes, int64_t size)
{
    if (units->granted-- <= 0)
        return units;
    if (size == 0 || size <= bytes->granted) {
        bytes->granted -= size;
        return NULL;
    }
    bytes->granted = 0;
    return bytes;
}

static void
set_verdicts(struct admission *a, struct batch_entry *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct share *empty;
        struct share *units, *bytes;

        if (items[i].verdict.status == VERDICT_DUPLICATE)
            continue;
        units = find_share(&a->units, batch_entry_payer(&items[i]));
        bytes = find_share(&a->bytes, items[i].project);
        CHECK(units != NULL && bytes != NULL);
        if (!units->known) {
            items[i].verdict.status = VERDICT_NO_PROJECT;
            continue;
        }
        empty = pay(units, bytes, batch_entry_bytes(&items[i]));
        items[i].verdict = (struct verdict){.status = VERDICT_STORED};
        if (empty != NULL)
            items[i].verdict = (struct verdict){VERDICT_LIMITED, empty->retry_ms};
    }
}

int
admission_run(struct admission *a, struct batch_entry *items, size_t count,
              struct error *e)
{
    int rc;

    if (settle_repeats(a, items, count, e) != 0)
        return -1;
    sum_units(a, items, count);
    if (a->units.count == 0)
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
admission_pass(struct admission *a, struct batch_entry *items, size_t count,
               struct error *e)
{
    PGresult *r;

    sum_units(a, items, count);
    arrays_clear(&a->wanted);
    for (size_t i = 0; i < a->units.count; i++)
        arrays_add_int8(&a->wanted, 0, a->units.list[i].project);
    if (run_arrays(a, STATEMENT_PROJECTS, &a->wanted, 1, &r, e) != 0)
        return -1;
    for (int i = 0; i < libpq.PQntuples(r); i++) {
        struct share *s = find_share(&a->units, db_get_int8(r, i, 0));

        CHECK(s != NULL);
        s->known = true;
    }
    libpq.PQclear(r);
    for (size_t i = 0; i < count; i++) {
        const struct share *s = find_share(&a->units, batch_entry_payer(&items[i]));

        CHECK(s != NULL);
        items[i].verdict.status = s->known ? VERDICT_STORED : VERDICT_NO_PROJECT;
    }
    return 0;
}

/* Charges the database for the windows of one table, and learns its state of them. */
static int
settle(struct admission *a, struct window_table *windows, enum statement statement,
       int64_t now_ms, struct error *e)
{
    struct window w;
    PGresult *r = NULL;
    size_t at = 0, count = 0;
    int rc = 0;

    arrays_clear(&a->settled);
    while (window_next_unsettled(windows, &at, now_ms, &w)) {
        arrays_add_int8(&a->settled, 0, w.project);
        arrays_add_int8(&a->settled, 1, w.unsettled);
        arrays_add_int8(&a->settled, 2, w.end_ms - now_ms);
        count++;
    }
    if (count > 0)
        rc = run_arrays(a, statement, &a->settled, COUNT_OF(settled_oids), &r, e);
    /* Drop units that the database will never accept: they must not keep it
     * unavailable for ever. */
    window_settled(windows, rc == 0 || e->kind == ERROR_POISON);
    if (rc != 0 && e->kind == ERROR_POISON) {
        log_error(LOG_LEVEL_ERROR, LOG_POISON, e, NULL, 0);
        return 0;
    }
    if (rc != 0 || count == 0)
        return rc;
    now_ms = clock_now_ms();
    for (int i = 0; i < libpq.PQntuples(r); i++)
        window_learn(windows, db_get_int8(r, i, 0), now_ms, db_get_int8(r, i, 1),
                     db_get_int8(r, i, 2), db_get_int8(r, i, 3));
    libpq.PQclear(r);
    return 0;
}

int
admission_settle(struct admission *a, int64_t now_ms, struct error *e)
{
    if (settle(a, a->windows.units, STATEMENT_SETTLE, now_ms, e) != 0)
        return -1;
    return settle(a, a->windows.bytes, STATEMENT_SETTLE_BYTES, now_ms, e);
}
