#include <string.h>

#include "base/buf.h"
#include "unit.h"

static void
the_limit_is_exact_and_the_failure_stays(void)
{
    struct buf b = buf_init(4);

    buf_add_text(&b, "abc");
    buf_add_char(&b, 'd');
    UNIT(!b.failed && unit_is(buf_str(&b), "abcd"));
    buf_add(&b, "", 0);
    UNIT(!b.failed);
    buf_add_char(&b, 'e');
    UNIT(b.failed && b.n == 4);
    buf_add(&b, "", 0);
    UNIT(b.failed && b.n == 4);
    buf_clear(&b, SIZE_MAX);
    UNIT(!b.failed && b.n == 0);
    buf_add_text(&b, "wxyz");
    UNIT_STR(buf_str(&b), "wxyz");
    buf_release(&b);
    UNIT(b.data == NULL && b.max == 4);
}

static void
an_empty_buf_gives_an_empty_text(void)
{
    struct buf b = buf_init(10);

    UNIT(buf_str(&b).p != NULL && buf_str(&b).n == 0);
    UNIT(b.data == NULL);
    buf_release(&b);
}

static void
clearing_keeps_only_what_it_may(void)
{
    struct buf b = buf_init(100000);

    UNIT(buf_reserve(&b, 5000) != NULL);
    UNIT(b.cap >= 5000);
    buf_clear(&b, 100000);
    UNIT(b.cap >= 5000);
    buf_clear(&b, 4096);
    UNIT(b.cap == 0 && b.data == NULL);
    buf_release(&b);
}

static void
growing_keeps_the_content(void)
{
    struct buf b = buf_init(100000);

    for (int i = 0; i < 1000; i++)
        buf_add_f(&b, "%d,", i);
    UNIT(!b.failed && b.n == 3890);
    UNIT(str_starts(buf_str(&b), STR("0,1,2,3,")));
    UNIT(memcmp(b.data + b.n - 8, "998,999,", 8) == 0);
    buf_release(&b);
}

static void
integers_go_in_network_order(void)
{
    struct buf b = buf_init(15);

    buf_add_u8(&b, 1);
    buf_add_be16(&b, 0x0203);
    buf_add_be32(&b, 0x04050607);
    buf_add_be64(&b, UINT64_C(0x08090a0b0c0d0e0f));
    UNIT(!b.failed && b.n == 15);
    for (size_t i = 0; i < b.n; i++)
        UNIT((size_t)b.data[i] == i + 1);
    buf_set_be32(&b, 11, 0x41424344);
    UNIT(memcmp(b.data + 11, "ABCD", 4) == 0);
    buf_release(&b);
}

static void
dropping_moves_the_rest_to_the_front(void)
{
    struct buf b = buf_init(100);

    buf_add_text(&b, "abcdef");
    buf_drop(&b, 2);
    UNIT_STR(buf_str(&b), "cdef");
    buf_drop(&b, 0);
    UNIT_EQ(b.n, 4);
    buf_drop(&b, 4);
    UNIT_EQ(b.n, 0);
    buf_release(&b);
}

static void
a_text_is_never_null_and_ends_with_a_nul(void)
{
    struct buf b = buf_init(4);

    UNIT_STR(str_of(buf_text(&b)), "");
    UNIT(b.n == 0 && !b.failed);
    buf_add_text(&b, "abc");
    UNIT_STR(str_of(buf_text(&b)), "abc");
    UNIT(b.n == 3 && !b.failed);
    buf_add_text(&b, "d");
    UNIT_STR(str_of(buf_text(&b)), ""); /* no room for the NUL */
    UNIT(b.failed);
    buf_release(&b);
}

static const struct unit_test tests[] = {
    {"a_text_is_never_null_and_ends_with_a_nul",
     a_text_is_never_null_and_ends_with_a_nul},
    {"the_limit_is_exact_and_the_failure_stays",
     the_limit_is_exact_and_the_failure_stays},
    {"an_empty_buf_gives_an_empty_text", an_empty_buf_gives_an_empty_text},
    {"clearing_keeps_only_what_it_may", clearing_keeps_only_what_it_may},
    {"growing_keeps_the_content", growing_keeps_the_content},
    {"integers_go_in_network_order", integers_go_in_network_order},
    {"dropping_moves_the_rest_to_the_front", dropping_moves_the_rest_to_the_front},
};

const struct unit_suite suite_buf = {"buf", tests, COUNT_OF(tests)};
