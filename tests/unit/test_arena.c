#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "unit.h"

static void
the_cap_is_exact(void)
{
    struct arena *a = arena_new(64, 1024);

    UNIT(arena_get(a, 1008) != NULL);
    UNIT(arena_get(a, 17) == NULL);
    UNIT(arena_get(a, 16) != NULL);
    UNIT(arena_get(a, 1) == NULL);
    UNIT(arena_get(a, 0) != NULL);
    arena_reset(a);
    UNIT(arena_get(a, 1024) != NULL);
    arena_reset(a);
    UNIT(arena_get(a, 1025) == NULL);
    UNIT(arena_get(a, SIZE_MAX) == NULL);
    arena_free(a);
    arena_free(NULL);
}

static void
what_is_given_is_aligned_and_apart(void)
{
    struct arena *a = arena_new(64, 4096);
    char *last = NULL;

    for (size_t n = 1; n < 40; n++) {
        char *p = arena_get(a, n);

        UNIT(p != NULL && (uintptr_t)p % alignof(max_align_t) == 0);
        (void)memset(p, (int)n, n);
        UNIT(last == NULL || last[0] == (char)(n - 1));
        last = p;
    }
    arena_free(a);
}

static void
arrays_are_cleared_and_their_product_checked(void)
{
    struct arena *a = arena_new(64, 4096);
    unsigned char *p;

    (void)memset(arena_get(a, 64), 0xff, 64);
    arena_reset(a);
    p = arena_array(a, 8, 8);
    UNIT(p != NULL && p[0] == 0 && p[63] == 0);
    UNIT(arena_array(a, SIZE_MAX / 2, 3) == NULL);
    UNIT(arena_array(a, 0, 8) != NULL);
    arena_free(a);
}

static void
copies_end_with_a_nul(void)
{
    struct arena *a = arena_new(64, 64);
    struct str s = unit_exact(STR("abc")), out;

    UNIT(arena_copy(a, s, &out) == 0 && str_eq(out, s) && out.p != s.p &&
         out.p[3] == '\0');
    UNIT(arena_copy(a, STR_NONE, &out) == 0 && out.p == NULL);
    UNIT(arena_copy(a, STR(""), &out) == 0 && out.p != NULL && out.n == 0);
    UNIT_EQ(arena_copy(a, STR("0123456789012345678901234567890123456789"), &out), -1);
    UNIT(out.p == NULL);
    arena_free(a);
}

static void
a_mark_takes_back_what_came_after_it(void)
{
    struct arena *a = arena_new(64, 1024);
    struct arena_mark outer, inner;
    char *first = arena_get(a, 16);

    UNIT(first != NULL);
    outer = arena_mark(a);
    UNIT(arena_get(a, 400) != NULL);
    inner = arena_mark(a);
    UNIT(arena_get(a, 620) == NULL && arena_get(a, 500) != NULL);
    arena_rewind(a, inner);
    UNIT(arena_get(a, 500) != NULL);
    arena_rewind(a, outer);
    UNIT((char *)arena_get(a, 16) == first + 16);
    UNIT(arena_get(a, 1024 - 32) != NULL && arena_get(a, 16) == NULL);
    arena_free(a);
}

static const struct unit_test tests[] = {
    {"the_cap_is_exact", the_cap_is_exact},
    {"what_is_given_is_aligned_and_apart", what_is_given_is_aligned_and_apart},
    {"arrays_are_cleared_and_their_product_checked",
     arrays_are_cleared_and_their_product_checked},
    {"copies_end_with_a_nul", copies_end_with_a_nul},
    {"a_mark_takes_back_what_came_after_it", a_mark_takes_back_what_came_after_it},
};

const struct unit_suite suite_arena = {"arena", tests, COUNT_OF(tests)};
