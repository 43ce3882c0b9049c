#include <string.h>

#include "base/str.h"
#include "unit.h"

static void
absent_is_not_empty(void)
{
    UNIT(str_eq(STR_NONE, STR_NONE));
    UNIT(!str_eq(STR_NONE, STR("")));
    UNIT(!str_eq(STR(""), STR_NONE));
    UNIT(str_eq(STR(""), STR("")));
    UNIT(!str_eq_nocase(STR_NONE, STR("")));
    UNIT(str_of(NULL).p == NULL);
    UNIT(str_eq(str_of("ab"), STR("ab")));
}

static void
only_ascii_letters_have_two_cases(void)
{
    UNIT(str_eq_nocase(STR("GZip"), STR("gzIP")));
    UNIT(!str_eq_nocase(STR("gzip"), STR("gzi")));
    UNIT(!str_eq_nocase(STR("@"), STR("`")));
    UNIT(!str_eq_nocase(STR("["), STR("{")));
    UNIT(str_eq(STR("a\0b"), STR("a\0b")));
    UNIT(!str_eq(STR("a\0b"), STR("a\0c")));
}

static void
a_prefix_is_at_most_as_long(void)
{
    UNIT(str_starts(unit_exact(STR("Bearer x")), STR("Bearer ")));
    UNIT(str_starts(unit_exact(STR("Bearer")), STR("Bearer")));
    UNIT(!str_starts(unit_exact(STR("Beare")), STR("Bearer")));
    UNIT(str_starts(STR_NONE, STR("")));
}

static void
trimming_takes_blanks_and_tabs(void)
{
    UNIT_STR(str_trim(unit_exact(STR(" \tx y\t "))), "x y");
    UNIT_STR(str_trim(unit_exact(STR("\n x"))), "\n x");
    UNIT_EQ(str_trim(unit_exact(STR(" \t "))).n, 0);
    UNIT_EQ(str_trim(STR_NONE).n, 0);
}

static void
cutting_gives_every_piece_once(void)
{
    struct str rest = unit_exact(STR("a,,b,"));

    UNIT_STR(str_cut(&rest, ','), "a");
    UNIT_STR(str_cut(&rest, ','), "");
    UNIT_STR(str_cut(&rest, ','), "b");
    UNIT(rest.p != NULL && rest.n == 0);
    UNIT_STR(str_cut(&rest, ','), "");
    UNIT(rest.p == NULL);
    UNIT(str_cut(&rest, ',').p == NULL);
}

static void
order_is_by_bytes_then_by_length(void)
{
    UNIT(str_cmp(STR("a"), STR("b")) < 0);
    UNIT(str_cmp(STR("b"), STR("a")) > 0);
    UNIT(str_cmp(STR("a"), STR("ab")) < 0);
    UNIT(str_cmp(STR("ab"), STR("a")) > 0);
    UNIT_EQ(str_cmp(STR("ab"), STR("ab")), 0);
    UNIT_EQ(str_cmp(STR_NONE, STR("")), 0);
    UNIT(str_cmp(STR("\xff"), STR("a")) > 0);
}

static void
a_copy_is_cut_to_its_room(void)
{
    static const struct {
        const char *from, *copy;
        size_t room;
        int line;
    } rows[] = {
        {"abc", "abc", 5, __LINE__}, {"abc", "abc", 4, __LINE__},
        {"abc", "ab", 3, __LINE__},  {"abc", "", 1, __LINE__},
        {"", "", 1, __LINE__},       {NULL, "", 1, __LINE__},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[8] = "xxxxxxx";

        str_copy(unit_exact(str_of(rows[i].from)), out, rows[i].room);
        UNIT_STR_AT(rows[i].line, str_of(out), rows[i].copy);
        UNIT_EQ_AT(rows[i].line, out[rows[i].room], 'x');
    }
}

static const struct unit_test tests[] = {
    {"absent_is_not_empty", absent_is_not_empty},
    {"only_ascii_letters_have_two_cases", only_ascii_letters_have_two_cases},
    {"a_prefix_is_at_most_as_long", a_prefix_is_at_most_as_long},
    {"trimming_takes_blanks_and_tabs", trimming_takes_blanks_and_tabs},
    {"cutting_gives_every_piece_once", cutting_gives_every_piece_once},
    {"a_copy_is_cut_to_its_room", a_copy_is_cut_to_its_room},
    {"order_is_by_bytes_then_by_length", order_is_by_bytes_then_by_length},
};

const struct unit_suite suite_str = {"str", tests, COUNT_OF(tests)};
