#include "store/records.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/num.h"
#include "store/arrays.h"
#include "store/tally.h"

/* Parameters after the columns. */
#define EXTRA 4

struct records {
    struct db *db;
    struct arrays columns[RECORD_KINDS_END];
    struct batch_entry *items[FRAME_MAX_ITEMS]; /* all of one kind */
    char beside[4], orphan[4], part[2];         /* extra parameters for attachments */
    char monitors[4], environments[4], kept[4]; /* the same for check-ins, with part */
};

static uint32_t
oid_of(char type)
{
    switch (type) {
    case 'u':
    case 'U':
        return ARRAYS_UUID;
    case 't':
        return ARRAYS_TIME;
    case 'i':
    case 'I':
        return ARRAYS_INT4;
    case 'l':
    case 'L':
        return ARRAYS_INT8;
    case 'b':
        return ARRAYS_BYTEA;
    default:
        return ARRAYS_TEXT;
    }
}

static enum statement
statement_of(enum record_kind kind)
{
#define STATEMENT(number, NAME, name, shape) [number] = STATEMENT_##NAME,

    static const enum statement statements[RECORD_KINDS_END] = {RECORD_KINDS(STATEMENT)};

    return statements[kind];
}

struct records *
records_new(struct db *d)
{
    struct records *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->db = d;
    num_put_be32(r->beside, LIMIT_CHUNKS_BESIDE);
    num_put_be32(r->orphan, LIMIT_CHUNKS_ORPHAN);
    num_put_be32(r->monitors, LIMIT_MONITORS);
    num_put_be32(r->environments, LIMIT_MONITOR_ENVIRONMENTS);
    num_put_be32(r->kept, LIMIT_CHECK_INS_KEPT);
    tally_part(r->part);
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        const char *shape = record_shape((enum record_kind)k);
        uint32_t oids[1 + RECORD_FIELDS_MAX] = {ARRAYS_INT8};
        size_t n = 0;

        for (; shape[n] != '\0'; n++)
            oids[n + 1] = oid_of(shape[n]);
        arrays_init(&r->columns[k], oids, n + 1);
    }
    return r;
}

void
records_free(struct records *r)
{
    if (r == NULL)
        return;
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++)
        arrays_release(&r->columns[k]);
    free(r);
}

/* Runs one statement for these items, which are all of one kind. */
static int
store(struct records *r, enum record_kind kind, struct batch_entry *const *items,
      size_t count, struct error *e)
{
    struct arrays *a = &r->columns[kind];
    struct db_param params[1 + RECORD_FIELDS_MAX + EXTRA];
    size_t n = a->count;

    arrays_clear(a);
    for (size_t i = 0; i < count; i++) {
        arrays_add_int8(a, 0, items[i]->project);
        for (size_t f = 1; f < a->count; f++)
            arrays_add(a, f, items[i]->what.record.field[f - 1]);
    }
    if (arrays_params(a, params, a->count, e) != 0)
        return -1;
    if (kind == RECORD_ATTACHMENT) {
        params[n++] = (struct db_param){r->beside, sizeof r->beside};
        params[n++] = (struct db_param){r->orphan, sizeof r->orphan};
        params[n++] = (struct db_param){r->part, sizeof r->part};
    } else if (kind == RECORD_CHECK_IN) {
        params[n++] = (struct db_param){r->monitors, sizeof r->monitors};
        params[n++] = (struct db_param){r->environments, sizeof r->environments};
        params[n++] = (struct db_param){r->kept, sizeof r->kept};
        params[n++] = (struct db_param){r->part, sizeof r->part};
    }
    return db_run(r->db, statement_of(kind), params, n, NULL, e);
}

/* Stores one record, after PostgreSQL refused all of its kind together. */
static void
store_alone(struct records *r, enum record_kind kind, struct batch_entry *item,
            struct error *worst)
{
    struct error e;

    if (store(r, kind, &item, 1, &e) == 0)
        return;
    item->verdict.status = VERDICT_UNAVAILABLE;
    if (e.kind != ERROR_POISON) {
        *worst = e;
        return;
    }
    item->verdict.status = VERDICT_POISON;
    log_error(LOG_LEVEL_ERROR, LOG_POISON, &e, "project", item->project);
}

static void
run_kind(struct records *r, enum record_kind kind, size_t count, struct error *worst)
{
    struct error e;

    if (store(r, kind, r->items, count, &e) == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        if (e.kind == ERROR_POISON)
            store_alone(r, kind, r->items[i], worst);
        else
            r->items[i]->verdict.status = VERDICT_UNAVAILABLE;
    }
    if (e.kind != ERROR_POISON)
        *worst = e;
}

void
records_run(struct records *r, struct batch_entry *items, size_t count, struct error *e)
{
    for (unsigned k = RECORD_ATTACHMENT; k < RECORD_KINDS_END; k++) {
        size_t n = 0;

        for (size_t i = 0; i < count; i++)
            if (items[i].what.kind == FRAME_ITEM_RECORD &&
                items[i].verdict.status == VERDICT_STORED &&
                items[i].what.record.kind == (enum record_kind)k)
                r->items[n++] = &items[i];
        if (n == 0)
            continue;
        run_kind(r, (enum record_kind)k, n, e);
        arrays_clear(&r->columns[k]);
    }
}
