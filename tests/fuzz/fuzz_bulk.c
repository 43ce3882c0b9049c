/*
 * fuzz_bulk: any bytes as a bulk; the first one says whether an array or lines.
 *
 * Items must lie within the body, in order and apart from each other; those of an array
 * are sound JSON, those of lines hold no newline.
 */
#include <string.h>

#include "fuzz.h"
#include "json/bulk.h"
#include "json/scan.h"

#define MAX_ITEMS 100U

static void
is_cut(struct str body, const struct str *items, size_t count, bool lines)
{
    const char *last = body.p;

    CHECK(count >= 1 && count <= MAX_ITEMS);
    for (size_t i = 0; i < count; i++) {
        struct str value;
        struct error e;

        CHECK(items[i].n > 0 && items[i].p >= last);
        last = items[i].p + items[i].n;
        CHECK(last <= body.p + body.n);
        if (lines)
            CHECK(memchr(items[i].p, '\n', items[i].n) == NULL && !scan_blank(items[i]));
        else
            CHECK(scan_value(items[i], SCAN_DEPTH_MAX, &value, &e) == 0 &&
                  str_eq(value, items[i]));
    }
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    const bool lines = size > 0 && data[0] % 2 == 1;
    const struct str body = {(const char *)data + (size > 0 ? 1 : 0),
                             size > 0 ? size - 1 : 0};
    struct str *items;
    size_t count;
    struct error e;

    if (arena == NULL)
        arena = arena_new(1 << 16, 1 << 20);
    CHECK(arena != NULL);
    arena_reset(arena);
    if ((lines ? bulk_lines : bulk_array)(arena, body, MAX_ITEMS, &items, &count, &e) ==
        0)
        is_cut(body, items, count, lines);
    else
        CHECK(e.kind == ERROR_MALFORMED && e.text[0] != '\0');
    return 0;
}

FUZZ_TARGET(200, LIMIT_MIB)
