#include "json/bulk.h"

#include "base/limits.h"
#include "json/scan.h"

static int
too_many(size_t max, struct error *e)
{
    return error_set(e, ERROR_MALFORMED, "too many events: limit is %zu", max);
}

/* Reserves room for the most items that body can hold: one per two bytes, plus one. */
static int
make_room(struct arena *a, struct str body, size_t max, struct str **items,
          struct error *e)
{
    size_t room = body.n / 2 + 1;

    *items = arena_array(a, room < max ? room : max, sizeof **items);
    if (*items != NULL)
        return 0;
    return error_no_memory(e);
}

/* Each item is validated separately, including its depth, so the whole may be much
 * deeper. */
int
bulk_array(struct arena *a, struct str body, size_t max, struct str **items,
           size_t *count, struct error *e)
{
    struct scan_iter it;
    struct str value;

    *count = 0;
    if (scan_blank(body))
        return error_set(e, ERROR_MALFORMED, "empty body");
    if (scan_value(body, SCAN_DEPTH_MAX, &value, e) != 0)
        return -1;
    if (scan_type(value) != SCAN_ARRAY)
        return error_set(e, ERROR_MALFORMED, "a bulk must be a JSON array, got %s",
                         scan_type_name(scan_type(value)));
    if (make_room(a, value, max, items, e) != 0)
        return -1;
    it = scan_open(value);
    while (scan_array_next(&it, &value)) {
        if (*count == max)
            return too_many(max, e);
        (*items)[(*count)++] = value;
    }
    return *count > 0 ? 0
                      : error_set(e, ERROR_MALFORMED, "no events: the array is empty");
}

int
bulk_lines(struct arena *a, struct str body, size_t max, struct str **items,
           size_t *count, struct error *e)
{
    struct str rest = body;

    *count = 0;
    if (scan_blank(body))
        return error_set(e, ERROR_MALFORMED, "empty body");
    if (make_room(a, body, max, items, e) != 0)
        return -1;
    while (rest.p != NULL) {
        struct str line = str_cut(&rest, '\n');

        if (scan_blank(line))
            continue;
        if (line.p[line.n - 1] == '\r')
            line.n--;
        if (*count == max)
            return too_many(max, e);
        (*items)[(*count)++] = line;
    }
    /* A byte order mark in a later line is blank, too. */
    return *count > 0 ? 0 : error_set(e, ERROR_MALFORMED, "empty body");
}
