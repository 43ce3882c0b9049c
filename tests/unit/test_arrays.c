#include <string.h>

#include "base/num.h"
#include "store/arrays.h"
#include "unit.h"

static void
an_array_has_head_count_and_elements(void)
{
    static const uint32_t oids[] = {ARRAYS_TEXT, ARRAYS_INT8};
    static const char text[] = "\0\0\0\1" /* one dimension */
                               "\0\0\0\1" /* NULLs may come */
                               "\0\0\0\x19"
                               "\0\0\0\3" /* elements */
                               "\0\0\0\1" /* the first index */
                               "\0\0\0\2ab"
                               "\xff\xff\xff\xff"
                               "\0\0\0";
    struct arrays a;
    struct db_param got[2];
    struct error e;

    arrays_init(&a, oids, COUNT_OF(oids));
    arrays_add(&a, 0, unit_exact(STR("\0\0\0\2ab")));
    arrays_add(&a, 0, unit_exact(STR("\xff\xff\xff\xff")));
    arrays_add(&a, 0, unit_exact(STR("\0\0\0\0")));
    UNIT_EQ(arrays_params(&a, got, 2, &e), 0);
    UNIT(got[0].n == sizeof text && memcmp(got[0].p, text, sizeof text) == 0);
    UNIT_EQ(got[1].n, 20);
    UNIT_EQ(num_be32((const char *)got[1].p + 8), ARRAYS_INT8);
    UNIT_EQ(num_be32((const char *)got[1].p + 12), 0);
    arrays_release(&a);
}

/* The only array of a, which is there. */
static struct str
only(struct arrays *a)
{
    struct db_param got = {NULL, 0};
    struct error e;

    UNIT_EQ(arrays_params(a, &got, 1, &e), 0);
    return (struct str){got.p, got.n};
}

static void
cleared_arrays_begin_again(void)
{
    static const uint32_t oid = ARRAYS_BYTEA;
    static char big[200000];
    struct arrays a;
    struct str before;

    arrays_init(&a, &oid, 1);
    before = unit_exact(only(&a));
    num_put_be32(big, sizeof big - 4);
    for (int i = 0; i < 3; i++) {
        arrays_add(&a, 0, (struct str){big, sizeof big});
        UNIT_EQ(only(&a).n, 20 + sizeof big);
        arrays_clear(&a);
        UNIT(str_eq(before, only(&a)));
        UNIT(a.array[0].bytes.cap < sizeof big); /* what a big batch took is given back */
    }
    arrays_release(&a);
}

static void
an_array_without_memory_is_no_parameter(void)
{
    static const uint32_t oid = ARRAYS_TEXT;
    struct db_param got;
    struct arrays a;
    struct error e;

    arrays_init(&a, &oid, 1);
    a.array[0].bytes.max = 24;
    arrays_add(&a, 0, STR("\0\0\0\0"));
    UNIT_EQ(only(&a).n, 24);
    arrays_add(&a, 0, STR("\0\0\0\0"));
    UNIT(arrays_params(&a, &got, 1, &e) == -1 && e.kind == ERROR_UNAVAILABLE);
    arrays_clear(&a);
    UNIT_EQ(only(&a).n, 20);
    arrays_release(&a);
}

static const struct unit_test tests[] = {
    {"an_array_has_head_count_and_elements", an_array_has_head_count_and_elements},
    {"cleared_arrays_begin_again", cleared_arrays_begin_again},
    {"an_array_without_memory_is_no_parameter", an_array_without_memory_is_no_parameter},
};

const struct unit_suite suite_arrays = {"arrays", tests, COUNT_OF(tests)};
