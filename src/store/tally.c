#include "store/tally.h"

#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "store/arrays.h"
#include "wire/row.h"

#define PARTS 16
#define MINUTE_US 60000000LL

static const uint32_t oids[] = {ARRAYS_INT8, ARRAYS_TIME, ARRAYS_TEXT, ARRAYS_INT8};

void
tally_part(char out[2])
{
    out[0] = 0;
    out[1] = (char)(getpid() % PARTS);
}

static void
add_row(struct arrays *a, struct buf *scratch, const struct outcomes_row *row)
{
    arrays_add_int8(a, 0, row->project);
    buf_clear(scratch, SIZE_MAX);
    row_add_time(scratch, row->minute * MINUTE_US);
    arrays_add(a, 1, buf_str(scratch));
    buf_clear(scratch, SIZE_MAX);
    row_add_bytes(scratch, str_of(outcomes_name(row->outcome)));
    arrays_add(a, 2, buf_str(scratch));
    arrays_add_int8(a, 3, row->quantity);
}

/* Adds count rows to the table. */
static int
store(struct db *d, const struct outcomes_row *rows, size_t count, struct error *e)
{
    struct db_param params[COUNT_OF(oids) + 1];
    struct buf scratch = buf_init(256);
    struct arrays a;
    char part[2];
    int rc;

    arrays_init(&a, oids, COUNT_OF(oids));
    for (size_t i = 0; i < count; i++)
        add_row(&a, &scratch, &rows[i]);
    tally_part(part);
    params[COUNT_OF(oids)] = (struct db_param){part, sizeof part};
    rc = arrays_params(&a, params, COUNT_OF(oids), e);
    if (rc == 0)
        rc = db_run(d, STATEMENT_OUTCOMES, params, COUNT_OF(params), NULL, e);
    arrays_release(&a);
    buf_release(&scratch);
    return rc;
}

/* Stores counts one by one: a count that the database will never accept is dropped,
 * without losing the others. */
static int
store_each(struct db *d, struct outcomes *o, struct error *e)
{
    while (o->count > 0) {
        const struct outcomes_row *row = &o->row[o->count - 1];

        if (store(d, row, 1, e) != 0) {
            if (e->kind != ERROR_POISON)
                return -1;
            log_error(LOG_LEVEL_ERROR, LOG_POISON, e, "project", row->project);
        }
        o->count--;
    }
    return 0;
}

int
tally_store(struct db *d, struct outcomes *o, struct error *e)
{
    if (o->count > 0 && store(d, o->row, o->count, e) != 0)
        return e->kind == ERROR_POISON ? store_each(d, o, e) : -1;
    o->count = 0;
    return 0;
}
