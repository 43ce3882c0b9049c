/* mesherctl event … */
#include <stdint.h>

#include "admin/attachments.h"
#include "admin/events.h"
#include "base/display.h"
#include "base/jsonout.h"
#include "base/limits.h"
#include "base/num.h"
#include "cmd/ctl.h"
#include "event/render.h"
#include "grouping/rules.h"

#define LIMIT_DEFAULT "50"
#define LIMIT_MAX 100000
#define LIMIT_ALL "100000"
#define TITLE_COLUMNS 60U
#define ARENA_FIRST_BYTES (256 * LIMIT_KIB)
#define ARENA_MAX_BYTES (512 * LIMIT_MIB)

const char *
ctl_limit(const struct ctl *c, struct error *e)
{
    const char *limit = c->option.limit == NULL ? LIMIT_DEFAULT : c->option.limit;
    int64_t n;

    if (num_parse(str_of(limit), 1, LIMIT_MAX, &n) == 0)
        return limit;
    (void)error_set(e, ERROR_MALFORMED, "--limit must be 1 to %d", LIMIT_MAX);
    return NULL;
}

/* A line of the list, without blanks at its end. */
static void
add_line(struct buf *out, const struct str cell[], const size_t width[], size_t count)
{
    while (count > 1 && cell[count - 1].n == 0)
        count--;
    for (size_t j = 0; j < count; j++) {
        if (j + 1 == count)
            ctl_clean(out, cell[j]);
        else
            display_cell(out, cell[j], width[j], false);
        buf_add_text(out, j + 1 == count ? "\n" : "  ");
    }
}

/* The columns that fit a screen. */
static void
print_list(struct buf *out, const struct table *t)
{
    static const size_t column[] = {9, 0, 3, 2, 5, 6};
    static const struct str head[] = {STR_INIT("TIME"),  STR_INIT("ID"),
                                      STR_INIT("LEVEL"), STR_INIT("ISSUE"),
                                      STR_INIT("TITLE"), STR_INIT("CULPRIT")};
    size_t width[COUNT_OF(column)] = {23, 36, 5, 5, 5, 7};

    for (size_t i = 0; i < t->row_count; i++)
        for (size_t j = 2; j < COUNT_OF(column); j++) {
            size_t n = display_width(table_value(t, i, column[j]));

            width[j] = n > width[j] ? n : width[j];
            width[j] = width[j] > TITLE_COLUMNS ? TITLE_COLUMNS : width[j];
        }
    if (t->row_count > 0)
        add_line(out, head, width, COUNT_OF(column));
    for (size_t i = 0; i < t->row_count; i++) {
        struct str cell[COUNT_OF(column)];
        char at[32];

        for (size_t j = 0; j < COUNT_OF(column); j++)
            cell[j] = table_value(t, i, column[j]);
        cell[0] = ctl_time(cell[0], at);
        add_line(out, cell, width, COUNT_OF(column));
    }
}

int
ctl_event_list(struct ctl *c, struct error *e)
{
    const char *limit = ctl_limit(c, e);
    struct table t;

    if (limit == NULL)
        return -1;
    if (events_list(c->db, c->word[0], c->option.issue, limit, &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, N_EVENTS_COLUMNS);
    else
        print_list(&c->out, &t);
    table_release(&t);
    return 0;
}

/* The users' reports about the event, and its attachments. */
struct company {
    struct table reports, attachments;
};

static int
find_company(struct ctl *c, const struct table *event, struct company *out,
             struct error *e)
{
    const char *id = table_value(event, 0, 0).p, *project = table_value(event, 0, 1).p;

    *out = (struct company){{0}, {0}};
    if (attachments_user_reports(c->db, id, project, &out->reports, e) == 0 &&
        attachments_list(c->db, id, project, LIMIT_ALL, &out->attachments, e) == 0)
        return 0;
    table_release(&out->reports);
    return -1;
}

static void
print_json(struct ctl *c, const struct table *event, const struct company *with)
{
    const struct {
        const char *name;
        const struct table *t;
    } lists[] = {{"user_reports", &with->reports}, {"attachments", &with->attachments}};

    buf_add_char(&c->out, '{');
    ctl_json_members(&c->out, event, 0, 0, N_EVENTS_COLUMNS);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        jsonout_name(&c->out, lists[i].name);
        buf_add_char(&c->out, '[');
        for (size_t j = 0; j < lists[i].t->row_count; j++) {
            if (j > 0)
                buf_add_char(&c->out, ',');
            ctl_json_row(&c->out, lists[i].t, j, lists[i].t->column_count);
        }
        buf_add_char(&c->out, ']');
    }
    buf_add_text(&c->out, "}\n");
}

/* "name  value" when there is a value. */
static void
pair(const struct render *r, const char *name, struct str value)
{
    if (value.n > 0)
        render_pair(r, str_of(name), value);
}

int
ctl_draw_event(const struct render *r, const char *heading, const struct table *event,
               struct str payload, struct error *e)
{
    static const struct {
        const char *name;
        size_t column;
    } shown[] = {{"id", 0},          {"issue", 2},        {"level", 3},
                 {"transaction", 7}, {"environment", 10}, {"release", 11},
                 {"platform", 12},   {"server", 13},      {"user", 14}};

    char at[32];

    render_heading(r, heading);
    pair(r, "happened", ctl_time(table_value(event, 0, 8), at));
    pair(r, "received", ctl_time(table_value(event, 0, 9), at));
    for (size_t i = 0; i < COUNT_OF(shown); i++)
        pair(r, shown[i].name, table_value(event, 0, shown[i].column));
    if (render_event(r, payload, e) != 0)
        return -1;
    return render_removed(r, table_value(event, 0, EVENTS_ERRORS), e);
}

static int
print_text(struct ctl *c, const struct table *event, const struct company *with,
           struct error *e)
{
    struct ctl_screen screen = ctl_screen();
    struct arena *a = arena_new(ARENA_FIRST_BYTES, ARENA_MAX_BYTES);
    struct rules *rules = NULL;
    struct render r = {.a = a,
                       .out = &c->out,
                       .columns = screen.columns < RENDER_COLUMNS_MIN ? RENDER_COLUMNS_MIN
                                                                      : screen.columns,
                       .colour = screen.colour};
    struct buf payload = buf_init(c->out.max);
    int rc = a == NULL ? error_no_memory(e) : events_payload(event, &payload, e);

    if (rc == 0)
        rc = ctl_frame_rules(c, &r, &rules, e);
    if (rc == 0)
        rc = ctl_draw_event(&r, "event", event, buf_str(&payload), e);
    if (rc == 0 && with->reports.row_count > 0) {
        render_heading(&r, "user reports");
        ctl_table(&c->out, &with->reports, with->reports.column_count);
    }
    if (rc == 0 && with->attachments.row_count > 0) {
        render_heading(&r, "attachments");
        ctl_table(&c->out, &with->attachments, with->attachments.column_count);
    }
    buf_release(&payload);
    rules_free(rules);
    arena_free(a);
    return rc;
}

int
ctl_event_show(struct ctl *c, struct error *e)
{
    struct company with = {{0}, {0}};
    struct table t;
    int rc = 0;

    if (events_one(c->db, c->word[0], c->option.project, &t, e) != 0)
        return -1;
    if (c->option.payload) {
        rc = events_payload(&t, &c->out, e);
    } else {
        rc = find_company(c, &t, &with, e);
        if (rc == 0 && c->json)
            print_json(c, &t, &with);
        else if (rc == 0)
            rc = print_text(c, &t, &with, e);
    }
    table_release(&with.reports);
    table_release(&with.attachments);
    table_release(&t);
    return rc;
}
