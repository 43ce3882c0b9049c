#include "frames/images.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/num.h"
#include "frames/name.h"
#include "frames/place.h"
#include "frames/trace.h"
#include "json/json.h"
#include "json/scan.h"

bool
images_address(struct str value, uint64_t *out)
{
    unsigned base = 10;
    uint64_t v = 0;

    if (value.p == NULL)
        return false;
    if (scan_type(value) == SCAN_STRING)
        value = (struct str){value.p + 1, value.n - 2};
    else if (scan_type(value) != SCAN_NUMBER)
        return false;
    if (str_starts(value, STR("0x")) || str_starts(value, STR("0X"))) {
        value = (struct str){value.p + 2, value.n - 2};
        base = 16;
    }
    for (size_t i = 0; i < value.n; i++) {
        int digit = num_hex_digit(value.p[i]);

        if (digit < 0 || (unsigned)digit >= base ||
            __builtin_mul_overflow(v, (uint64_t)base, &v) ||
            __builtin_add_overflow(v, (uint64_t)digit, &v))
            return false;
    }
    *out = v;
    return value.n > 0;
}

static int
by_address(const void *a, const void *b)
{
    const struct image *x = a, *y = b;

    return (x->from > y->from) - (x->from < y->from);
}

/* Reads one; false when it has no address. */
static int
read_image(struct arena *a, struct str object, struct image *out, bool *found,
           struct error *e)
{
    static const struct str names[] = {STR_INIT("image_addr"), STR_INIT("image_size"),
                                       STR_INIT("code_file"), STR_INIT("debug_file"),
                                       STR_INIT("name")};
    struct str values[COUNT_OF(names)];

    if (json_pick(a, object, names, COUNT_OF(names), values, e) != 0)
        return -1;
    out->file = STR_NONE;
    *found = images_address(values[0], &out->from);
    if (!images_address(values[1], &out->size))
        out->size = 0;
    for (size_t i = 2; i < COUNT_OF(names) && out->file.p == NULL; i++)
        if (trace_text(a, values[i], &out->file, e) != 0)
            return -1;
    out->file = name_cut(place_base(out->file));
    return 0;
}

int
images_read(struct arena *a, struct str debug_meta, struct images *out, struct error *e)
{
    static const struct str name = STR_INIT("images");
    struct str list = STR_NONE, object;
    struct scan_iter it;
    bool found;

    *out = (struct images){NULL, 0};
    if (debug_meta.p != NULL && scan_type(debug_meta) == SCAN_OBJECT &&
        json_pick(a, debug_meta, &name, 1, &list, e) != 0)
        return -1;
    if (list.p == NULL || scan_type(list) != SCAN_ARRAY)
        return 0;
    out->list = arena_get(a, LIMIT_IMAGES * sizeof *out->list);
    if (out->list == NULL)
        return error_no_memory(e);
    it = scan_open(list);
    while (out->count < LIMIT_IMAGES && scan_array_next(&it, &object)) {
        if (scan_type(object) != SCAN_OBJECT)
            continue;
        if (read_image(a, object, &out->list[out->count], &found, e) != 0)
            return -1;
        out->count += found;
    }
    qsort(out->list, out->count, sizeof *out->list, by_address);
    return 0;
}

const struct image *
images_find(const struct images *images, uint64_t address)
{
    size_t low = 0, high = images->count;
    const struct image *i;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (images->list[middle].from <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    i = &images->list[low - 1];
    return i->size == 0 || address - i->from < i->size ? i : NULL;
}
