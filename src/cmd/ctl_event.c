/* mesherctl event … */
#include <stdio.h>

#include "base/num.h"
#include "cmd/ctl.h"
#include "store/browse.h"

#define LIMIT_DEFAULT "50"
#define LIMIT_MAX 100000

int
ctl_event_list(struct ctl *c, struct error *e)
{
    /* What fits a screen: time, id, level, issue, title. */
    static const size_t brief[] = {9, 0, 3, 2, 5};
    const char *limit = c->option.limit == NULL ? LIMIT_DEFAULT : c->option.limit;
    struct table t;
    int64_t n;

    if (c->words != 1)
        return ctl_usage(e);
    if (num_parse(str_of(limit), 1, LIMIT_MAX, &n) != 0)
        return error_set(e, ERROR_MALFORMED, "--limit must be 1 to %d", LIMIT_MAX);
    if (browse_events(c->db, c->word[0], c->option.issue, limit, &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, BROWSE_COLUMNS);
    for (size_t i = 0; !c->json && i < t.row_count; i++)
        for (size_t j = 0; j < COUNT_OF(brief); j++) {
            ctl_clean(&c->out, table_value(&t, i, brief[j]));
            buf_add_text(&c->out, j + 1 == COUNT_OF(brief) ? "\n" : "  ");
        }
    table_release(&t);
    return 0;
}

int
ctl_event_show(struct ctl *c, struct error *e)
{
    struct table t;
    int rc = 0;

    if (c->words != 1)
        return ctl_usage(e);
    if (browse_event(c->db, c->word[0], c->option.project, &t, e) != 0)
        return -1;
    if (c->option.payload) {
        rc = browse_payload(&t, &c->out, e);
    } else if (c->json) {
        ctl_json_row(&c->out, &t, 0, BROWSE_COLUMNS);
        buf_add_char(&c->out, '\n');
    } else {
        struct buf payload = buf_init(c->out.max);

        ctl_row(&c->out, &t, 0, BROWSE_COLUMNS);
        buf_add_text(&c->out, "\npayload:\n");
        rc = browse_payload(&t, &payload, e);
        ctl_clean(&c->out, buf_str(&payload));
        buf_add_char(&c->out, '\n');
        buf_release(&payload);
    }
    table_release(&t);
    return rc;
}
