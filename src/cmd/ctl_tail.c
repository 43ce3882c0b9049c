/* mesherctl event tail */
#include "admin/tail.h"
#include "base/display.h"
#include "base/limits.h"
#include "cmd/ctl.h"

#define WAIT_MS INT64_C(3600000)

/* "10:00:00  WEB-1  error    title". */
static void
add_event(struct ctl *c, const struct table *t, size_t row, const struct ctl_screen *s)
{
    struct str at = table_value(t, row, 5);
    struct buf line = buf_init(LIMIT_MIB);

    if (c->json) {
        ctl_json_row(&c->out, t, row, TAIL_COLUMNS);
        buf_add_char(&c->out, '\n');
        return;
    }
    if (at.n > 19)
        buf_add(&line, at.p + 11, 8);
    buf_add_text(&line, "  ");
    display_cell(&line, table_value(t, row, 2), 10, false);
    buf_add_text(&line, "  ");
    display_cell(&line, table_value(t, row, 3), 7, false);
    buf_add_text(&line, "  ");
    (void)display_add(&line, table_value(t, row, 4), SIZE_MAX);
    (void)display_add(&c->out, buf_str(&line), s->columns);
    buf_add_char(&c->out, '\n');
    buf_release(&line);
}

static int
look(struct ctl *c, struct tail *tail, struct error *e)
{
    struct ctl_screen s = ctl_screen();
    const struct table *t;

    if (tail_look(tail, &t, e) != 0)
        return -1;
    for (size_t i = t->row_count; i > 0; i--)
        if (tail_is_new(tail, i - 1))
            add_event(c, t, i - 1, &s);
    return ctl_flush(c, e);
}

int
ctl_event_tail(struct ctl *c, struct error *e)
{
    struct tail *t;

    t = tail_new(c->db, c->words == 1 ? c->word[0] : NULL, e);
    if (t == NULL)
        return -1;
    while (tail_wait(t, WAIT_MS, e) == 0 && look(c, t, e) == 0)
        ;
    tail_free(t);
    return -1; /* it ends by a signal, or because of an error */
}
