/* Tables and JSON of mesherctl. */
#include <stdint.h>
#include <stdio.h>

#include "base/display.h"
#include "base/jsonout.h"
#include "cmd/ctl.h"

#define CELL_MAX_COLUMNS 60U

void
ctl_clean(struct buf *out, struct str s)
{
    (void)display_add(out, s, SIZE_MAX);
}

struct str
ctl_time(struct str rfc3339, char out[32])
{
    if (rfc3339.n < 20 || rfc3339.p[10] != 'T')
        return rfc3339;
    (void)snprintf(out, 32, "%.10s %.8s UTC", rfc3339.p, rfc3339.p + 11);
    return str_of(out);
}

/* Returns a value as people see it; a view of at, or of the table. */
static struct str
cell(const struct table *t, size_t row, size_t column, char at[32])
{
    struct str s = table_value(t, row, column);

    if (s.p == NULL)
        return STR("-");
    return t->columns[column].kind == TABLE_TIME ? ctl_time(s, at) : s;
}

static size_t
width_of(const struct table *t, size_t column)
{
    size_t width = str_of(t->columns[column].name).n;

    for (size_t i = 0; i < t->row_count; i++) {
        char at[32];
        size_t n = display_width(cell(t, i, column, at));

        width = n > width ? n : width;
    }
    return width > CELL_MAX_COLUMNS ? CELL_MAX_COLUMNS : width;
}

static void
add_cell(struct buf *out, struct str s, size_t width, bool last)
{
    if (last)
        ctl_clean(out, s);
    else
        display_cell(out, s, width, false);
    buf_add_text(out, last ? "\n" : "  ");
}

void
ctl_table(struct buf *out, const struct table *t, size_t columns)
{
    for (size_t i = 0; i <= t->row_count; i++)
        for (size_t j = 0; j < columns; j++) {
            char at[32];

            add_cell(out, i == 0 ? str_of(t->columns[j].name) : cell(t, i - 1, j, at),
                     width_of(t, j), j + 1 == columns);
        }
}

void
ctl_table_cell(struct buf *out, const struct table *t, size_t row, size_t column)
{
    char at[32];

    add_cell(out,
             row == 0 ? str_of(t->columns[column].name) : cell(t, row - 1, column, at),
             width_of(t, column), false);
}

void
ctl_row(struct buf *out, const struct table *t, size_t row, size_t columns)
{
    size_t width = 0;

    for (size_t j = 0; j < columns; j++) {
        size_t n = str_of(t->columns[j].name).n;

        width = n > width ? n : width;
    }
    for (size_t j = 0; j < columns; j++) {
        char at[32];

        add_cell(out, str_of(t->columns[j].name), width, false);
        add_cell(out, cell(t, row, j, at), 0, true);
    }
}

void
ctl_json_members(struct buf *out, const struct table *t, size_t row, size_t from,
                 size_t to)
{
    for (size_t j = from; j < to; j++) {
        struct str s = table_value(t, row, j);

        if (s.p == NULL || t->columns[j].kind == TABLE_TEXT ||
            t->columns[j].kind == TABLE_TIME)
            jsonout_text(out, t->columns[j].name, s);
        else
            jsonout_raw(out, t->columns[j].name, s);
    }
}

void
ctl_json_row(struct buf *out, const struct table *t, size_t row, size_t columns)
{
    buf_add_char(out, '{');
    ctl_json_members(out, t, row, 0, columns);
    buf_add_char(out, '}');
}

void
ctl_json_rows(struct buf *out, const struct table *t, size_t columns)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < t->row_count; i++) {
        if (i > 0)
            buf_add_text(out, ",\n ");
        ctl_json_row(out, t, i, columns);
    }
    buf_add_text(out, "]\n");
}

void
ctl_json_member_rows(struct buf *out, const char *name, const struct table *t)
{
    jsonout_name(out, name);
    buf_add_char(out, '[');
    for (size_t i = 0; i < t->row_count; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        ctl_json_row(out, t, i, t->column_count);
    }
    buf_add_char(out, ']');
}
