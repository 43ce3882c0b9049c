/* mesherctl stats */
#include "admin/stats.h"
#include "base/num.h"
#include "cmd/ctl.h"

#define DAYS "7"
#define DAYS_MAX 3650

int
ctl_stats(struct ctl *c, struct error *e)
{
    const char *days = c->option.days == NULL ? DAYS : c->option.days;
    int64_t ignored;
    struct table t;

    if (c->words > 1)
        return ctl_usage(e);
    if (num_parse(str_of(days), 1, DAYS_MAX, &ignored) != 0)
        return error_set(e, ERROR_MALFORMED, "--days must be 1 to %d", DAYS_MAX);
    if (figures_days(c->db, c->words == 1 ? c->word[0] : NULL, days, &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, t.column_count);
    else
        ctl_table(&c->out, &t, t.column_count);
    table_release(&t);
    return 0;
}
