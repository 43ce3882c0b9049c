#include "store/table.h"

#include "store/db.h"

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
