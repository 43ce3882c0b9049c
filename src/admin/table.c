#include "admin/table.h"

#include "base/num.h"

int
table_run(struct db *d, const char *sql, const char *const params[], size_t count,
          struct table *out, struct error *e)
{
    PGresult *r;

    if (db_run_params(d, sql, params, count, &r, e) != 0)
        return -1;
    out->column_count = (size_t)libpq.PQnfields(r);
    out->row_count = (size_t)libpq.PQntuples(r);
    out->result = r;
    return 0;
}

void
table_release(struct table *t)
{
    if (t->result != NULL)
        libpq.PQclear(t->result);
    *t = (struct table){0};
}

struct str
table_value(const struct table *t, size_t row, size_t column)
{
    CHECK(row < t->row_count && column < t->column_count);
    return db_get_str(t->result, (int)row, (int)column);
}

void
table_bytes(const struct table *t, size_t row, size_t column, struct buf *out)
{
    struct str hex = table_value(t, row, column);

    for (size_t i = 2; i + 1 < hex.n; i += 2) /* after "\x" */
        buf_add_u8(out,
                   (uint8_t)(num_hex_digit(hex.p[i]) << 4 | num_hex_digit(hex.p[i + 1])));
}
