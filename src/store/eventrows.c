#include "store/eventrows.h"

#include <stdlib.h>

#include "base/num.h"
#include "store/arrays.h"
#include "store/tally.h"
#include "store/usermark.h"

/* The arrays of STATEMENT_STORE, in the order of its parameters. */
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
    COLUMN_TIMESTAMP,
    COLUMN_TITLE,
    COLUMN_MESSAGE,
    COLUMN_CULPRIT,
    COLUMN_ENVIRONMENT,
    COLUMN_PLATFORM,
    COLUMN_TRANSACTION,
    COLUMN_SERVER_NAME,
    COLUMN_USER_ID,
    COLUMN_TAGS,
    COLUMN_PAYLOAD,
    COLUMN_TYPE,
    COLUMN_VALUE,
    COLUMN_ERRORS,
    COLUMNS
};

static const uint32_t column_oids[COLUMNS] = {
    [COLUMN_PROJECT] = ARRAYS_INT8,       [COLUMN_ID] = ARRAYS_UUID,
    [COLUMN_RECEIVED_AT] = ARRAYS_TIME,   [COLUMN_GROUP] = ARRAYS_INT8,
    [COLUMN_RELEASE] = ARRAYS_TEXT,       [COLUMN_LEVEL] = ARRAYS_TEXT,
    [COLUMN_USER_MARK] = ARRAYS_INT8,     [COLUMN_SIZE] = ARRAYS_INT8,
    [COLUMN_GROUP_PROJECT] = ARRAYS_INT8, [COLUMN_GROUP_FINGERPRINT] = ARRAYS_BYTEA,
    [COLUMN_GROUP_TITLE] = ARRAYS_TEXT,   [COLUMN_GROUP_CULPRIT] = ARRAYS_TEXT,
    [COLUMN_TIMESTAMP] = ARRAYS_TIME,     [COLUMN_TITLE] = ARRAYS_TEXT,
    [COLUMN_MESSAGE] = ARRAYS_TEXT,       [COLUMN_CULPRIT] = ARRAYS_TEXT,
    [COLUMN_ENVIRONMENT] = ARRAYS_TEXT,   [COLUMN_PLATFORM] = ARRAYS_TEXT,
    [COLUMN_TRANSACTION] = ARRAYS_TEXT,   [COLUMN_SERVER_NAME] = ARRAYS_TEXT,
    [COLUMN_USER_ID] = ARRAYS_TEXT,       [COLUMN_TAGS] = ARRAYS_JSON,
    [COLUMN_PAYLOAD] = ARRAYS_BYTEA,      [COLUMN_TYPE] = ARRAYS_TEXT,
    [COLUMN_VALUE] = ARRAYS_TEXT,         [COLUMN_ERRORS] = ARRAYS_JSON};

/* Columns that are a field of the row as it is. */
static const struct {
    enum column column;
    enum row_field field;
} copied[] = {{COLUMN_ID, ROW_ID},
              {COLUMN_RECEIVED_AT, ROW_RECEIVED_AT},
              {COLUMN_RELEASE, ROW_RELEASE},
              {COLUMN_LEVEL, ROW_LEVEL},
              {COLUMN_TIMESTAMP, ROW_TIMESTAMP},
              {COLUMN_TITLE, ROW_TITLE},
              {COLUMN_MESSAGE, ROW_MESSAGE},
              {COLUMN_CULPRIT, ROW_CULPRIT},
              {COLUMN_ENVIRONMENT, ROW_ENVIRONMENT},
              {COLUMN_PLATFORM, ROW_PLATFORM},
              {COLUMN_TRANSACTION, ROW_TRANSACTION},
              {COLUMN_SERVER_NAME, ROW_SERVER_NAME},
              {COLUMN_USER_ID, ROW_USER_ID},
              {COLUMN_TAGS, ROW_TAGS},
              {COLUMN_PAYLOAD, ROW_PAYLOAD},
              {COLUMN_TYPE, ROW_TYPE},
              {COLUMN_VALUE, ROW_VALUE},
              {COLUMN_ERRORS, ROW_ERRORS}};

struct eventrows {
    struct arrays columns;
    struct entry *by_group[FRAME_MAX_ITEMS];
    int64_t group[FRAME_MAX_ITEMS]; /* number of the group of each entry, from 1 */
    char cutoff[8], part[2];
};

struct eventrows *
eventrows_new(void)
{
    struct eventrows *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    arrays_init(&r->columns, column_oids, COLUMNS);
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
add_group(struct arrays *a, const struct batch_item *last)
{
    arrays_add_int8(a, COLUMN_GROUP_PROJECT, last->project);
    arrays_add(a, COLUMN_GROUP_FINGERPRINT, last->what.row.field[ROW_FINGERPRINT]);
    arrays_add(a, COLUMN_GROUP_TITLE, last->what.row.field[ROW_TITLE]);
    arrays_add(a, COLUMN_GROUP_CULPRIT, last->what.row.field[ROW_CULPRIT]);
}

/* Writes the columns of the groups of these entries, and the number of each one's. */
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
fill_event(struct arrays *a, const struct batch_item *item, int64_t group)
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
    arrays_clear(&r->columns);
    fill_groups(r, entries, count);
    for (size_t i = 0; i < count; i++)
        fill_event(&r->columns, entries[i].item, r->group[i]);
    if (arrays_params(&r->columns, params, COLUMNS, e) != 0)
        return -1;
    num_put_be64(r->cutoff, (uint64_t)(cutoff_us - ROW_EPOCH_US));
    params[COLUMNS] = (struct db_param){r->cutoff, sizeof r->cutoff};
    params[COLUMNS + 1] = (struct db_param){r->part, sizeof r->part};
    return 0;
}

void
eventrows_clear(struct eventrows *r)
{
    arrays_clear(&r->columns);
}
