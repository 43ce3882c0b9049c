/* mesherctl stats */
#include "admin/stats.h"
#include "base/num.h"
#include "cmd/ctl.h"

#define DAYS "7"
#define DAYS_MAX 3650

/* The outcomes as words: "rate_limited 4, sdk:sample_rate 2" for {"rate_limited": 4, …}.
 */
static void
add_outcomes(struct buf *out, struct str json)
{
    bool inside = false; /* of a name */

    for (size_t i = 0; i < json.n; i++) {
        char c = json.p[i];

        if (c == '"')
            inside = !inside;
        else if (inside || (c >= '0' && c <= '9'))
            buf_add_char(out, c);
        else if (c == ',' || c == ':')
            buf_add_text(out, c == ',' ? ", " : " ");
    }
}

static void
print_table(struct buf *out, const struct table *t)
{
    size_t last = t->column_count - 1;

    for (size_t i = 0; i <= t->row_count; i++) {
        for (size_t j = 0; j < last; j++)
            ctl_table_cell(out, t, i, j);
        if (i == 0)
            buf_add_text(out, "outcomes");
        else
            add_outcomes(out, table_value(t, i - 1, last));
        buf_add_char(out, '\n');
    }
}

int
ctl_stats(struct ctl *c, struct error *e)
{
    const char *days = c->option.days == NULL ? DAYS : c->option.days;
    int64_t ignored;
    struct table t;

    if (num_parse(str_of(days), 1, DAYS_MAX, &ignored) != 0)
        return error_set(e, ERROR_MALFORMED, "--days must be 1 to %d", DAYS_MAX);
    if (stats_days(c->db, c->words == 1 ? c->word[0] : NULL, days, &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, t.column_count);
    else
        print_table(&c->out, &t);
    table_release(&t);
    return 0;
}
