#include "store/upkeep.h"

#include "base/num.h"
#include "store/partitions.h"
#include "wire/row.h"

/* One hour more than the day for which ids must be kept, because clocks differ. */
#define FORGET_AFTER_US (25 * (int64_t)3600 * 1000000)
#define FORGET_AT_ONCE 5000

static int
run_step(struct db *d, enum statement s, int64_t now_us, bool *more, struct error *e)
{
    char before[8], most[8];
    const struct db_param params[] = {{before, sizeof before}, {most, sizeof most}};
    PGresult *r;

    num_put_be64(before, (uint64_t)(now_us - FORGET_AFTER_US - ROW_EPOCH_US));
    num_put_be64(most, FORGET_AT_ONCE);
    if (db_run(d, s, params, COUNT_OF(params), &r, e) != 0)
        return -1;
    *more = db_get_int8(r, 0, 0) == FORGET_AT_ONCE;
    libpq.PQclear(r);
    return 0;
}

int
upkeep_step(struct db *d, int64_t days_ahead, bool *more, struct error *e)
{
    static const enum statement steps[] = {STATEMENT_FORGET, STATEMENT_FORGET_RECORDS,
                                           STATEMENT_DROP_INCOMPLETE,
                                           STATEMENT_DROP_ORPHANS};

    int64_t now_us;

    *more = false;
    if (db_read_clock(d, e) != 0)
        return -1;
    now_us = db_wall_us(d);
    if (partitions_make(d, now_us, days_ahead, e) != 0)
        return -1;
    for (size_t i = 0; i < COUNT_OF(steps) && !*more; i++)
        if (run_step(d, steps[i], now_us, more, e) != 0)
            return -1;
    return 0;
}
