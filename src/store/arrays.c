#include "store/arrays.h"

#include "base/num.h"

#define COUNT_AT 12U
#define KEEP_BYTES 65536U
#define ARRAY_MAX_BYTES ((size_t)512 * 1024 * 1024)

void
arrays_init(struct arrays *a, const uint32_t *oids, size_t count)
{
    CHECK(count <= ARRAYS_MAX);
    a->count = count;
    for (size_t i = 0; i < count; i++) {
        a->array[i].oid = oids[i];
        a->array[i].elements = 0;
        a->array[i].bytes = buf_init(ARRAY_MAX_BYTES);
    }
    arrays_clear(a);
}

void
arrays_release(struct arrays *a)
{
    for (size_t i = 0; i < a->count; i++)
        buf_release(&a->array[i].bytes);
}

void
arrays_clear(struct arrays *a)
{
    for (size_t i = 0; i < a->count; i++) {
        struct buf *b = &a->array[i].bytes;

        buf_clear(b, KEEP_BYTES);
        a->array[i].elements = 0;
        buf_add_be32(b, 1); /* dimensions */
        buf_add_be32(b, 1); /* 1: may contain NULLs */
        buf_add_be32(b, a->array[i].oid);
        buf_add_be32(b, 0); /* elements: set by arrays_params() */
        buf_add_be32(b, 1); /* first index */
    }
}

void
arrays_add(struct arrays *a, size_t i, struct str element)
{
    CHECK(i < a->count && element.n >= 4);
    buf_add_str(&a->array[i].bytes, element);
    a->array[i].elements++;
}

void
arrays_add_int8(struct arrays *a, size_t i, int64_t v)
{
    char bytes[12];

    num_put_be32(bytes, 8);
    num_put_be64(bytes + 4, (uint64_t)v);
    arrays_add(a, i, (struct str){bytes, sizeof bytes});
}

int
arrays_params(struct arrays *a, struct db_param *params, size_t count, struct error *e)
{
    CHECK(count <= a->count);
    for (size_t i = 0; i < count; i++) {
        struct buf *b = &a->array[i].bytes;

        if (b->failed)
            return error_no_memory(e);
        buf_set_be32(b, COUNT_AT, a->array[i].elements);
        params[i] = (struct db_param){buf_str(b).p, b->n};
    }
    return 0;
}
