#include "store/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/ids.h"
#include "base/io.h"
#include "base/jsonout.h"
#include "base/log.h"
#include "base/num.h"
#include "store/admission.h"
#include "store/arrays.h"
#include "store/eventrows.h"
#include "store/partitions.h"
#include "store/receipt.h"
#include "store/records.h"
#include "store/takeover.h"
#include "store/tally.h"
#include "wire/frame.h"

/* Writes an event that PostgreSQL refused, and the reason, to a file in dir.  Returns
 * 0, or -1 with ERROR_SYSTEM. */
static int
keep_poison(const char *dir, int64_t project, const struct row *row,
            const struct error *why, struct error *e)
{
    struct uuid id = row_id(row);
    char text[IDS_TEXT_BYTES], at[CLOCK_TEXT_BYTES], name[96];
    struct buf file = buf_init(FRAME_MAX_BYTES + 1024);
    int rc;

    ids_format(&id, text);
    clock_format(row_received_at_us(row), at);
    (void)snprintf(name, sizeof name, "%lld-%s.poison", (long long)project, text);
    buf_add_char(&file, '{');
    jsonout_number(&file, "project", project);
    jsonout_text(&file, "id", str_of(text));
    jsonout_text(&file, "received_at", str_of(at));
    jsonout_text(&file, "sqlstate", str_of(why->sqlstate));
    buf_add_text(&file, "}\n");
    for (size_t i = 0; i < N_ROW_FIELDS; i++)
        buf_add_str(&file, row->field[i]);
    if (file.failed) {
        error_set(e, ERROR_SYSTEM, "internal failure");
        rc = error_detail(e, "out of memory");
    } else {
        rc = io_durable_file(dir, name, buf_str(&file), e);
    }
    buf_release(&file);
    return rc;
}

#define DAY_US 86400000000LL
#define CHECK_VIOLATION "23514"
#define UNIQUE_VIOLATION "23505"
#define STORE_TRIES 4

static const uint32_t replay_oids[] = {ARRAYS_INT8, ARRAYS_UUID, ARRAYS_TIME};

struct batch {
    struct db *db;
    const char *poison_dir;
    struct eventrows *rows;
    struct arrays replays; /* columns of STATEMENT_REPLAYED */
    struct admission *admission;
    struct records *records;
    struct takeover *takeover;
    struct receipt receipt;
    struct entry entries[FRAME_MAX_ITEMS];
};

struct batch *
batch_new(struct db *d, struct windows windows, const char *poison_dir)
{
    struct batch *b = calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->db = d;
    b->poison_dir = poison_dir;
    b->admission = admission_new(d, windows);
    b->records = records_new(d);
    b->rows = eventrows_new();
    b->takeover = takeover_new(d);
    arrays_init(&b->replays, replay_oids, COUNT_OF(replay_oids));
    if (b->admission == NULL || b->records == NULL || b->rows == NULL ||
        b->takeover == NULL) {
        batch_free(b);
        return NULL;
    }
    return b;
}

void
batch_free(struct batch *b)
{
    if (b == NULL)
        return;
    admission_free(b->admission);
    records_free(b->records);
    eventrows_free(b->rows);
    takeover_free(b->takeover);
    arrays_release(&b->replays);
    free(b);
}

static int
compare_projects(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Orders entries by id.  Rows of event_ids are locked in this order, so that two
 * writers cannot deadlock. */
static int
by_id(const void *pa, const void *pb)
{
    const struct entry *a = pa, *b = pb;
    int c = compare_projects(a->item->project, b->item->project);

    if (c == 0)
        c = str_cmp(a->item->what.row.field[ROW_ID], b->item->what.row.field[ROW_ID]);
    return c != 0 ? c : (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

static void
put_aside(struct batch *b, struct batch_entry *item, const struct error *why)
{
    struct error e;

    item->verdict.status = VERDICT_POISON;
    log_error(LOG_LEVEL_ERROR, LOG_POISON, why, "project", item->project);
    if (item->what.kind != FRAME_ITEM_ROW ||
        keep_poison(b->poison_dir, item->project, &item->what.row, why, &e) == 0)
        return;
    item->verdict.status = VERDICT_UNAVAILABLE;
    log_error(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, &e, "project", item->project);
}

/* Stores these entries with one statement; sets their verdicts when it succeeds. */
static int
store_once(struct batch *b, struct entry *entries, size_t count, int64_t now_us,
           struct error *e)
{
    struct db_param params[EVENTROWS_PARAMS];
    PGresult *r;

    if (takeover_begin(b->takeover, entries, count, e) != 0 ||
        eventrows_fill(b->rows, entries, count, now_us - DAY_US, params, e) != 0 ||
        db_run(b->db, STATEMENT_STORE, params, COUNT_OF(params), &r, e) != 0)
        return -1;
    CRASH_POINT("batch-committed");
    for (size_t i = 0; i < count; i++)
        entries[i].item->verdict.status = VERDICT_DUPLICATE;
    for (int i = 0; i < libpq.PQntuples(r); i++) {
        int64_t position = db_get_int8(r, i, 0);

        CHECK(position >= 1 && (uint64_t)position <= count);
        entries[position - 1].item->verdict.status = VERDICT_STORED;
    }
    libpq.PQclear(r);
    /* The events are stored, whatever becomes of the note. */
    if (takeover_end(b->takeover, entries, count, e) != 0)
        log_error(LOG_LEVEL_WARNING, LOG_DATABASE_LOST, e, NULL, 0);
    return 0;
}

/* Creates the partitions that these entries need. */
static int
make_days(struct batch *b, const struct entry *entries, size_t count, struct error *e)
{
    int64_t made_us = INT64_MIN;

    for (size_t i = 0; i < count; i++) {
        int64_t at_us = row_received_at_us(&entries[i].item->what.row);

        if (made_us != INT64_MIN && at_us / DAY_US == made_us / DAY_US)
            continue;
        if (partitions_make(b->db, at_us, 0, e) != 0) {
            e->kind = ERROR_UNAVAILABLE;
            return -1;
        }
        made_us = at_us;
    }
    return 0;
}

/* Two refusals are not necessarily the fault of the rows.  23514: a missing partition
 * has the same SQLSTATE as a violated CHECK, and a partition that another process
 * attached may not be visible yet; create the partitions and try again.  23505: the
 * row of an issue moved between PostgreSQL's two reads of it, which happens when two
 * processes store events of one issue at the same time. */
static int
store_patiently(struct batch *b, struct entry *entries, size_t count, int64_t now_us,
                struct error *e)
{
    for (int i = 1;; i++) {
        if (store_once(b, entries, count, now_us, e) == 0)
            return 0;
        if (i == STORE_TRIES || (strcmp(e->sqlstate, CHECK_VIOLATION) != 0 &&
                                 strcmp(e->sqlstate, UNIQUE_VIOLATION) != 0))
            return -1;
        if (strcmp(e->sqlstate, CHECK_VIOLATION) == 0 &&
            make_days(b, entries, count, e) != 0)
            return -1;
    }
}

/* Stores the entries; splits the range when PostgreSQL refuses a row.  The stack of
 * open ranges is at most as deep as the number of times that the batch can be
 * halved. */
static void
store_range(struct batch *b, struct entry *entries, size_t count, int64_t now_us,
            struct error *worst)
{
    struct {
        size_t from, n;
    } open[32] = {{0, count}};

    size_t depth = 1;

    while (depth > 0) {
        size_t from = open[depth - 1].from, n = open[depth - 1].n;
        struct error e = {.kind = ERROR_NONE};

        depth--;
        if (store_patiently(b, entries + from, n, now_us, &e) == 0)
            continue;
        if (e.kind != ERROR_POISON) {
            *worst = e; /* the verdicts stay UNAVAILABLE */
            continue;
        }
        if (n == 1) {
            put_aside(b, entries[from].item, &e);
            continue;
        }
        CHECK(depth + 2 <= COUNT_OF(open));
        open[depth].from = from + n / 2;
        open[depth++].n = n - n / 2;
        open[depth].from = from;
        open[depth++].n = n / 2;
    }
}

/* Drops the second entry of an event that was sent twice in one batch; it gets the
 * verdict of the first. */
static size_t
drop_twins(struct entry *entries, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct batch_entry *before = kept == 0 ? NULL : entries[kept - 1].item;
        struct batch_entry *item = entries[i].item;

        if (before != NULL && before->project == item->project &&
            str_eq(before->what.row.field[ROW_ID], item->what.row.field[ROW_ID]))
            continue;
        entries[kept++] = entries[i];
    }
    return kept;
}

static void
tell_twins(struct batch_entry *items, const struct batch *b, size_t kept, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct entry key = {.item = &items[i], .arrival = i};
        size_t low = 0, high = kept;

        if (items[i].what.kind != FRAME_ITEM_ROW ||
            items[i].verdict.status != VERDICT_UNAVAILABLE)
            continue;
        while (low < high) { /* find the last kept entry not after this one */
            size_t middle = (low + high) / 2;

            if (by_id(&b->entries[middle], &key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0 || b->entries[low - 1].item == &items[i] ||
            b->entries[low - 1].item->project != items[i].project ||
            !str_eq(b->entries[low - 1].item->what.row.field[ROW_ID],
                    items[i].what.row.field[ROW_ID]))
            continue;
        items[i].verdict = b->entries[low - 1].item->verdict;
        if (items[i].verdict.status == VERDICT_STORED)
            items[i].verdict.status = VERDICT_DUPLICATE;
    }
}

static bool
is_late(const struct batch_entry *item, int64_t now_us)
{
    return row_received_at_us(&item->what.row) < now_us - DAY_US;
}

/* Asks which of the late entries are stored; r holds their positions among the late
 * ones, from 1. */
static int
ask_replays(struct batch *b, size_t count, int64_t now_us, PGresult **r, struct error *e)
{
    struct db_param params[3];

    arrays_clear(&b->replays);
    for (size_t i = 0; i < count; i++) {
        const struct batch_entry *item = b->entries[i].item;

        if (!is_late(item, now_us))
            continue;
        arrays_add_int8(&b->replays, 0, item->project);
        arrays_add(&b->replays, 1, item->what.row.field[ROW_ID]);
        arrays_add(&b->replays, 2, item->what.row.field[ROW_RECEIVED_AT]);
    }
    if (arrays_params(&b->replays, params, COUNT_OF(params), e) != 0)
        return -1;
    return db_run(b->db, STATEMENT_REPLAYED, params, COUNT_OF(params), r, e);
}

/* An entry received more than a day ago is a late replay, and its id may already be
 * deleted: look for its event in the days around it.  Entries that are already stored
 * become duplicates and are removed from the list. */
static int
settle_replays(struct batch *b, size_t *count, int64_t now_us, struct error *e)
{
    size_t late = 0, kept = 0;
    PGresult *r;
    int row = 0;

    for (size_t i = 0; i < *count; i++)
        late += is_late(b->entries[i].item, now_us);
    if (late == 0)
        return 0;
    if (ask_replays(b, *count, now_us, &r, e) != 0)
        return -1;
    late = 0;
    for (size_t i = 0; i < *count; i++) {
        struct batch_entry *item = b->entries[i].item;

        late += is_late(item, now_us);
        if (is_late(item, now_us) && row < libpq.PQntuples(r) &&
            db_get_int8(r, row, 0) == (int64_t)late) {
            item->verdict.status = VERDICT_DUPLICATE;
            row++;
        } else {
            b->entries[kept++] = b->entries[i];
        }
    }
    libpq.PQclear(r);
    *count = kept;
    return 0;
}

/* Stores the admitted rows in entries[0..n). */
static void
store_rows(struct batch *b, struct batch_entry *items, size_t count, size_t n,
           int64_t now_us, struct error *e)
{
    size_t kept;

    if (n == 0 || settle_replays(b, &n, now_us, e) != 0)
        return;
    qsort(b->entries, n, sizeof b->entries[0], by_id);
    kept = drop_twins(b->entries, n);
    if (kept > 0)
        store_range(b, b->entries, kept, now_us, e);
    if (kept < n)
        tell_twins(items, b, kept, count);
    eventrows_clear(b->rows);
}

/* An admitted item is UNAVAILABLE until it is stored. */
static void
withhold(struct batch_entry *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].verdict.status == VERDICT_STORED) {
            items[i].admitted = true;
            if (items[i].what.kind != FRAME_ITEM_CHARGE)
                items[i].verdict.status = VERDICT_UNAVAILABLE;
        }
}

typedef int ask_units(struct admission *a, struct batch_entry *items, size_t count,
                      struct error *e);

/* Charges all items.  Halves the range, as store_range() does, to find items that
 * PostgreSQL refuses to charge, and sets them aside: the other items must still get
 * their units. */
static int
admit_range(struct batch *b, ask_units *ask, struct batch_entry *items, size_t count,
            struct error *e)
{
    size_t at = 0, n = count;

    while (at < count) {
        if (ask(b->admission, items + at, n, e) == 0) {
            at += n;
            n = count - at;
        } else if (e->kind != ERROR_POISON) {
            return -1;
        } else if (n == 1) {
            put_aside(b, &items[at++], e);
            n = count - at;
        } else {
            n /= 2;
        }
        *e = (struct error){.kind = ERROR_NONE};
    }
    return 0;
}

int
batch_admit(struct batch *b, struct batch_entry *items, size_t count, struct error *e)
{
    int rc;

    CHECK(count > 0 && count <= FRAME_MAX_ITEMS);
    *e = (struct error){.kind = ERROR_NONE};
    rc = admit_range(b, admission_run, items, count, e);
    withhold(items, count);
    return rc;
}

void
batch_store(struct batch *b, struct batch_entry *items, size_t count, int64_t now_us,
            struct error *e)
{
    int64_t ours_us = now_us;
    size_t n = 0;

    now_us = db_wall_us(b->db);
    receipt_correct(&b->receipt, items, count, ours_us, now_us);
    for (size_t i = 0; i < count; i++) {
        if (!items[i].admitted || items[i].verdict.status != VERDICT_UNAVAILABLE)
            continue;
        items[i].tried = true;
        if (items[i].what.kind == FRAME_ITEM_ROW)
            b->entries[n++] = (struct entry){.item = &items[i], .arrival = i};
        else
            items[i].verdict.status = VERDICT_STORED; /* unless records_run() fails */
    }
    store_rows(b, items, count, n, now_us, e);
    records_run(b->records, items, count, e);
}

void
batch_run(struct batch *b, struct batch_entry *items, size_t count, int64_t now_us,
          struct error *e)
{
    if (batch_admit(b, items, count, e) != 0)
        return;
    CRASH_POINT("batch-admitted");
    batch_store(b, items, count, now_us, e);
}

void
batch_replay(struct batch *b, struct batch_entry *items, size_t count, int64_t now_us,
             struct error *e)
{
    int rc;

    CHECK(count > 0 && count <= FRAME_MAX_ITEMS);
    *e = (struct error){.kind = ERROR_NONE};
    rc = admit_range(b, admission_pass, items, count, e);
    withhold(items, count);
    if (rc != 0)
        return;
    batch_store(b, items, count, now_us, e);
}

int
batch_settle(struct batch *b, int64_t now_ms, struct error *e)
{
    return admission_settle(b->admission, now_ms, e);
}

int
batch_tally(struct batch *b, struct outcomes *o, struct error *e)
{
    return tally_store(b->db, o, e);
}
