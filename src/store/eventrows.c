#include "store/eventrows.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store/arrays.h"
#include "store/tally.h"
#include "store/usermark.h"

/* The arrays of STATEMENT_STORE: those that all of its steps read, those of the
 * groups, and those of columns that no step reads, in the order of
 * wire/event_columns.h. */
#define OWN(NAME) COLUMN_##NAME,
#define KEY(NAME)
#define OWN_COLUMN(number, NAME, column, kind, null, array, ...) array(NAME)

enum column {
    COLUMN_PROJECT,
    COLUMN_ID,
    COLUMN_RECEIVED_AT,
    COLUMN_GROUP,
    COLUMN_RELEASE,
    COLUMN_LEVEL,
    COLUMN_USER_MARK,
    COLUMN_SIZE,
    COLUMN_GROUP_PROJECT,
    COLUMN_GROUP_FINGERPRINT,
    COLUMN_GROUP_TITLE,
    COLUMN_GROUP_CULPRIT,
    EVENT_COLUMNS(OWN_COLUMN) N_COLUMNS
};

#undef OWN
#undef KEY

/* $13 and $14 of the statement are between the arrays of the groups and those of the
 * separate columns. */
#define FIXED (COLUMN_GROUP_CULPRIT + 1)

#define OID_TIME ARRAYS_TIME
#define OID_TEXT ARRAYS_TEXT
#define OID_OBJECT ARRAYS_JSON
#define OID_LIST ARRAYS_JSON
#define OID_PAYLOAD ARRAYS_BYTEA
#define OWN(NAME, kind) [COLUMN_##NAME] = OID_##kind,
#define KEY(NAME, kind)
#define OWN_OID(number, NAME, column, kind, null, array, ...) array(NAME, kind)

static const uint32_t column_oids[N_COLUMNS] = {[COLUMN_PROJECT] = ARRAYS_INT8,
                                                [COLUMN_ID] = ARRAYS_UUID,
                                                [COLUMN_RECEIVED_AT] = ARRAYS_TIME,
                                                [COLUMN_GROUP] = ARRAYS_INT8,
                                                [COLUMN_RELEASE] = ARRAYS_TEXT,
                                                [COLUMN_LEVEL] = ARRAYS_TEXT,
                                                [COLUMN_USER_MARK] = ARRAYS_INT8,
                                                [COLUMN_SIZE] = ARRAYS_INT8,
                                                [COLUMN_GROUP_PROJECT] = ARRAYS_INT8,
                                                [COLUMN_GROUP_FINGERPRINT] = ARRAYS_BYTEA,
                                                [COLUMN_GROUP_TITLE] = ARRAYS_TEXT,
                                                [COLUMN_GROUP_CULPRIT] = ARRAYS_TEXT,
                                                EVENT_COLUMNS(OWN_OID)};

#undef OWN
#undef KEY
#define OWN(NAME) {COLUMN_##NAME, ROW_##NAME},
#define KEY(NAME)
#define OWN_COPIED(number, NAME, column, kind, null, array, ...) array(NAME)

/* Columns that are copied unchanged from a field of the row. */
static const struct {
    enum column column;
    enum row_field field;
} copied[] = {{COLUMN_ID, ROW_ID},
              {COLUMN_RECEIVED_AT, ROW_RECEIVED_AT},
              {COLUMN_RELEASE, ROW_RELEASE},
              {COLUMN_LEVEL, ROW_LEVEL},
              EVENT_COLUMNS(OWN_COPIED)};

struct eventrows {
    struct arrays columns;
    struct entry *by_group[FRAME_MAX_ITEMS];
    int64_t group[FRAME_MAX_ITEMS]; /* the number of each entry's group, from 1 */
    char cutoff[8], part[2];
};

struct eventrows *
eventrows_new(void)
{
    struct eventrows *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    arrays_init(&r->columns, column_oids, N_COLUMNS);
    tally_part(r->part);
    return r;
}

void
eventrows_free(struct eventrows *r)
{
    if (r == NULL)
        return;
    arrays_release(&r->columns);
    free(r);
}

static int
compare_groups(const struct entry *a, const struct entry *b)
{
    int64_t pa = a->item->project, pb = b->item->project;

    if (pa != pb)
        return pa > pb ? 1 : -1;
    return str_cmp(a->item->what.row.field[ROW_FINGERPRINT],
                   b->item->what.row.field[ROW_FINGERPRINT]);
}

static int
by_group(const void *pa, const void *pb)
{
    const struct entry *const *a = pa, *const *b = pb;
    int c = compare_groups(*a, *b);

    return c != 0 ? c : ((*a)->arrival > (*b)->arrival) - ((*a)->arrival < (*b)->arrival);
}

static void
add_group(struct arrays *a, const struct batch_entry *last)
{
    arrays_add_int8(a, COLUMN_GROUP_PROJECT, last->project);
    arrays_add(a, COLUMN_GROUP_FINGERPRINT, last->what.row.field[ROW_FINGERPRINT]);
    arrays_add(a, COLUMN_GROUP_TITLE, last->what.row.field[ROW_TITLE]);
    arrays_add(a, COLUMN_GROUP_CULPRIT, last->what.row.field[ROW_CULPRIT]);
}

/* Fills the columns of these entries' groups, and sets the group number of each
 * entry. */
static void
fill_groups(struct eventrows *r, struct entry *entries, size_t count)
{
    int64_t number = 1;

    for (size_t i = 0; i < count; i++)
        r->by_group[i] = &entries[i];
    qsort(r->by_group, count, sizeof(struct entry *), by_group);
    for (size_t i = 0; i < count; i++) {
        r->group[r->by_group[i] - entries] = number;
        if (i + 1 < count && compare_groups(r->by_group[i], r->by_group[i + 1]) == 0)
            continue;
        add_group(&r->columns, r->by_group[i]->item);
        number++;
    }
}

static void
fill_event(struct arrays *a, const struct batch_entry *item, int64_t group)
{
    static const struct str null = {"\xff\xff\xff\xff", 4};
    const struct row *row = &item->what.row;
    struct str user = row_value(row, ROW_USER_ID);

    arrays_add_int8(a, COLUMN_PROJECT, item->project);
    arrays_add_int8(a, COLUMN_GROUP, group);
    if (user.p == NULL)
        arrays_add(a, COLUMN_USER_MARK, null);
    else
        arrays_add_int8(a, COLUMN_USER_MARK, usermark_of(user));
    arrays_add_int8(a, COLUMN_SIZE, (int64_t)row_value(row, ROW_PAYLOAD).n);
    for (size_t i = 0; i < COUNT_OF(copied); i++)
        arrays_add(a, copied[i].column, row->field[copied[i].field]);
}

int
eventrows_fill(struct eventrows *r, struct entry *entries, size_t count,
               int64_t cutoff_us, struct db_param params[EVENTROWS_PARAMS],
               struct error *e)
{
    struct db_param arrays[N_COLUMNS];

    arrays_clear(&r->columns);
    fill_groups(r, entries, count);
    for (size_t i = 0; i < count; i++)
        fill_event(&r->columns, entries[i].item, r->group[i]);
    if (arrays_params(&r->columns, arrays, N_COLUMNS, e) != 0)
        return -1;
    num_put_be64(r->cutoff, (uint64_t)(cutoff_us - ROW_EPOCH_US));
    (void)memcpy(params, arrays, FIXED * sizeof *params);
    params[FIXED] = (struct db_param){r->cutoff, sizeof r->cutoff};
    params[FIXED + 1] = (struct db_param){r->part, sizeof r->part};
    (void)memcpy(params + FIXED + 2, arrays + FIXED,
                 (N_COLUMNS - FIXED) * sizeof *params);
    return 0;
}

void
eventrows_clear(struct eventrows *r)
{
    arrays_clear(&r->columns);
}
