/* mesherctl issue list */
#include <stdlib.h>
#include <string.h>

#include "admin/issues.h"
#include "base/display.h"
#include "base/num.h"
#include "cmd/ctl.h"

#define LIST_LIMIT "25"

/* Columns other than the title; two blanks precede each. */
#define TITLE_MIN 16U
#define WIDE_SCREEN 120U

enum cell { CELL_ID, CELL_STATUS, CELL_LEVEL, CELL_EVENTS, CELL_USERS, CELL_SEEN, CELLS };

static int
ask_for(struct ctl *c, struct issues_query *ask, char since[32], struct error *e)
{
    *ask = (struct issues_query){
        .project = c->words == 1 ? c->word[0] : NULL,
        .status = c->option.status,
        .level = c->option.level,
        .environment = c->option.environment,
        .release = c->option.release,
        .assignee = c->option.assignee,
        .words = c->option.query,
        .since = c->option.since == NULL ? NULL : since,
        .sort = c->option.sort == NULL ? ISSUES_BY_LAST_SEEN
                                       : issues_sort_parse(c->option.sort),
        .after = c->option.after,
        .limit = c->option.limit == NULL ? LIST_LIMIT : ctl_limit(c, e)};
    if (ask->limit == NULL ||
        (ask->since != NULL &&
         ctl_moment("--since", c->option.since, false, since, e) != 0))
        return -1;
    if (ask->sort == N_ISSUES_SORTS)
        return error_set(e, ERROR_MALFORMED,
                         "--sort must be last_seen, first_seen, count or users");
    if (ask->status != NULL && strcmp(ask->status, "unresolved") != 0 &&
        strcmp(ask->status, "resolved") != 0 && strcmp(ask->status, "ignored") != 0)
        return error_set(e, ERROR_MALFORMED,
                         "--status must be unresolved, resolved or ignored");
    return 0;
}

/* Parses the numbers of a JSON array from the database. */
static size_t
read_hours(struct str json, int64_t out[ISSUES_TREND_HOURS])
{
    struct str rest;
    size_t n = 0;

    if (json.n < 2)
        return 0;
    rest = (struct str){json.p + 1, json.n - 2};
    while (n < ISSUES_TREND_HOURS && rest.p != NULL)
        if (num_parse(str_trim(str_cut(&rest, ',')), 0, INT64_MAX, &out[n]) == 0)
            n++;
    return n;
}

/* The last 24 hours in this many columns, the highest one full. */
static void
sparkline(struct buf *out, struct str json, size_t columns)
{
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    int64_t hours[ISSUES_TREND_HOURS] = {0}, sum[ISSUES_TREND_HOURS] = {0}, most = 1;
    size_t each = ISSUES_TREND_HOURS / columns, n = read_hours(json, hours);

    for (size_t i = 0; i < n; i++)
        sum[i / each] += hours[i];
    for (size_t i = 0; i < columns; i++)
        most = sum[i] > most ? sum[i] : most;
    for (size_t i = 0; i < columns; i++) /* a small value is never shown as zero */
        buf_add_text(out, bars[sum[i] == 0 ? 0 : 1 + (sum[i] - 1) * 8 / most]);
}

/* The content of a cell before the title. */
static void
cell(struct buf *out, const struct table *t, size_t row, enum cell which)
{
    static const enum issues_column columns[CELLS] = {
        [CELL_ID] = ISSUES_ID,       [CELL_STATUS] = ISSUES_STATUS,
        [CELL_LEVEL] = ISSUES_LEVEL, [CELL_EVENTS] = ISSUES_EVENTS,
        [CELL_USERS] = ISSUES_USERS, [CELL_SEEN] = ISSUES_AGE};
    struct str s = table_value(t, row, columns[which]);
    int64_t seconds = 0;

    buf_clear(out, SIZE_MAX);
    if (which == CELL_STATUS)
        buf_add_text(out, s.p[0] == 'u' ? "" : s.p[0] == 'r' ? "done" : "ign.");
    else if (which == CELL_SEEN && num_parse(s, 0, INT64_MAX, &seconds) == 0)
        ctl_age(out, seconds);
    else
        buf_add_str(out, s);
}

static const char *const heads[CELLS] = {"ID", "", "LEVEL", "EVENTS", "USERS", "SEEN"};

struct layout {
    size_t width[CELLS];
    size_t spark, title, culprit;
};

static struct layout
lay_out(const struct table *t, size_t columns)
{
    struct layout l = {.spark = columns < WIDE_SCREEN ? ISSUES_TREND_HOURS / 2
                                                      : ISSUES_TREND_HOURS};
    struct buf text = buf_init(1024);
    size_t used = l.spark + 2;

    for (size_t j = 0; j < CELLS; j++) {
        l.width[j] = strlen(heads[j]);
        for (size_t i = 0; i < t->row_count; i++) {
            size_t n;

            cell(&text, t, i, (enum cell)j);
            n = display_width(buf_str(&text));
            l.width[j] = n > l.width[j] ? n : l.width[j];
        }
        used += l.width[j] == 0 ? 0 : l.width[j] + 2;
    }
    buf_release(&text);
    if (columns != SIZE_MAX && used + TITLE_MIN > columns) { /* a narrow screen */
        used -= l.spark + 2;
        l.spark = 0;
    }
    l.title = columns == SIZE_MAX          ? SIZE_MAX
              : used + TITLE_MIN > columns ? TITLE_MIN
                                           : columns - used;
    if (columns != SIZE_MAX && columns >= WIDE_SCREEN) {
        l.culprit = l.title / 3;
        l.title -= l.culprit + 2;
    }
    return l;
}

static const char *
paint_of(struct str level)
{
    return str_eq(level, STR("fatal")) || str_eq(level, STR("error")) ? "\033[31m"
           : str_eq(level, STR("warning"))                            ? "\033[33m"
                                                                      : "\033[36m";
}

static void
add_issue(struct ctl *c, const struct table *t, size_t row, const struct layout *l,
          bool colour)
{
    struct buf text = buf_init(4096);

    for (size_t j = 0; j < CELLS; j++) {
        if (l->width[j] == 0)
            continue;
        cell(&text, t, row, (enum cell)j);
        if (colour && j == CELL_LEVEL)
            buf_add_text(&c->out, paint_of(buf_str(&text)));
        display_cell(&c->out, buf_str(&text), l->width[j],
                     j == CELL_EVENTS || j == CELL_USERS || j == CELL_SEEN);
        buf_add_text(&c->out, colour && j == CELL_LEVEL ? "\033[0m  " : "  ");
    }
    if (l->spark > 0) {
        sparkline(&c->out, table_value(t, row, ISSUES_HOURS), l->spark);
        buf_add_text(&c->out, "  ");
    }
    if (l->culprit > 0) {
        display_cell(&c->out, table_value(t, row, ISSUES_TITLE), l->title, false);
        buf_add_text(&c->out, "  ");
        (void)display_add(&c->out, table_value(t, row, ISSUES_CULPRIT), l->culprit);
    } else {
        (void)display_add(&c->out, table_value(t, row, ISSUES_TITLE), l->title);
    }
    buf_add_char(&c->out, '\n');
    buf_release(&text);
}

static void
add_head(struct ctl *c, const struct layout *l, bool colour)
{
    if (colour)
        buf_add_text(&c->out, "\033[2m");
    for (size_t j = 0; j < CELLS; j++) {
        if (l->width[j] == 0)
            continue;
        display_cell(&c->out, str_of(heads[j]), l->width[j],
                     j == CELL_EVENTS || j == CELL_USERS || j == CELL_SEEN);
        buf_add_text(&c->out, "  ");
    }
    if (l->spark > 0)
        display_cell(&c->out, STR("24 HOURS"), l->spark + 2, false);
    buf_add_text(&c->out, "TITLE");
    if (l->culprit > 0) {
        display_cell(&c->out, STR(""), l->title - sizeof "TITLE" + 1, false);
        buf_add_text(&c->out, "  CULPRIT");
    }
    buf_add_text(&c->out, colour ? "\033[0m\n" : "\n");
}

/* Appends the page, and how to get the next one if it is full. */
static void
add_list(struct ctl *c, const struct table *t, const char *limit)
{
    struct ctl_screen screen = ctl_screen();
    struct layout l = lay_out(t, screen.columns);
    int64_t most = 0;

    if (t->row_count == 0)
        return;
    add_head(c, &l, screen.colour);
    for (size_t i = 0; i < t->row_count; i++)
        add_issue(c, t, i, &l, screen.colour);
    if (num_parse(str_of(limit), 1, INT64_MAX, &most) == 0 &&
        (int64_t)t->row_count == most) {
        buf_add_text(&c->out, "\nmore: --after ");
        ctl_clean(&c->out, table_value(t, t->row_count - 1, ISSUES_AFTER));
        buf_add_char(&c->out, '\n');
    }
}

int
ctl_issue_list(struct ctl *c, struct error *e)
{
    struct issues_query ask;
    char since[32];
    struct table t;

    if (ask_for(c, &ask, since, e) != 0 || issues_list(c->db, &ask, &t, e) != 0)
        return -1;
    if (c->json)
        ctl_json_rows(&c->out, &t, ISSUES_SHOWN);
    else
        add_list(c, &t, ask.limit);
    table_release(&t);
    return 0;
}
