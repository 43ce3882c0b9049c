#include "store/values.h"

#include "base/num.h"
#include "store/libpq.h"

static const char *
fixed_value(const PGresult *r, int row, int column, int size)
{
    CHECK(libpq.PQgetlength(r, row, column) == size);
    return libpq.PQgetvalue(r, row, column);
}

int64_t
db_get_int8(const PGresult *r, int row, int column)
{
    return (int64_t)num_be64(fixed_value(r, row, column, 8));
}

int32_t
db_get_int4(const PGresult *r, int row, int column)
{
    return (int32_t)num_be32(fixed_value(r, row, column, 4));
}

bool
db_get_bool(const PGresult *r, int row, int column)
{
    return *fixed_value(r, row, column, 1) != 0;
}

struct str
db_get_str(const PGresult *r, int row, int column)
{
    if (libpq.PQgetisnull(r, row, column))
        return STR_NONE;
    return (struct str){libpq.PQgetvalue(r, row, column),
                        (size_t)libpq.PQgetlength(r, row, column)};
}
