#include <string.h>

#include "base/utf8.h"
#include "unit.h"

/* NUL-free texts; bad_at is -1 for a valid one. */
static const struct {
    int line, bad_at;
    const char *text;
    size_t chars;
} texts[] = {
    {__LINE__, -1, "", 0},
    {__LINE__, -1, "plain ASCII, longer than eight bytes", 36},
    {__LINE__, -1, "caf\xc3\xa9", 4},
    {__LINE__, -1, "\xe2\x82\xac", 1},
    {__LINE__, -1, "\xf0\x9f\x98\x80!", 2},
    {__LINE__, -1,
     "\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 6},
    {__LINE__, -1, "\xed\x9f\xbf\xee\x80\x80", 2},
    {__LINE__, 3, "caf\xe9", 0},
    {__LINE__, 8, "12345678\x80", 0},
    {__LINE__, 0, "\xc0\xaf", 0},
    {__LINE__, 0, "\xc1\xbf", 0},
    {__LINE__, 0, "\xe0\x9f\xbf", 0},
    {__LINE__, 0, "\xf0\x8f\xbf\xbf", 0},
    {__LINE__, 1, "x\xed\xa0\x80", 0},
    {__LINE__, 0, "\xed\xbf\xbf", 0},
    {__LINE__, 0, "\xf4\x90\x80\x80", 0},
    {__LINE__, 0, "\xf5\x80\x80\x80", 0},
    {__LINE__, 0, "\xff\xfe", 0},
    {__LINE__, 0, "\xe2\x82\x41", 0},
    {__LINE__, 0, "\xf0\x9f\x98", 0},
    {__LINE__, 0, "\xc3\xc3\xa9", 0},
};

static void
what_is_wrong_is_found_where_it_begins(void)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct str s = unit_exact(str_of(texts[i].text));
        size_t bad_at = 999;

        if (texts[i].bad_at < 0) {
            UNIT_AT(texts[i].line, utf8_valid(s, &bad_at) && bad_at == 999);
            UNIT_EQ_AT(texts[i].line, utf8_count(s), texts[i].chars);
        } else {
            UNIT_AT(texts[i].line, !utf8_valid(s, &bad_at));
            UNIT_AT(texts[i].line, bad_at == (size_t)texts[i].bad_at);
            UNIT_AT(texts[i].line, !utf8_valid(s, NULL));
        }
    }
}

/* A prefix is valid when it ends at a border, and never read beyond. */
static void
a_text_cut_anywhere_is_judged_by_its_border(void)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct str all = str_of(texts[i].text);

        for (size_t n = 0; n < all.n && texts[i].bad_at < 0; n++) {
            bool border = ((unsigned char)all.p[n] & 0xc0U) != 0x80U;

            UNIT_EQ_AT(texts[i].line,
                       utf8_valid(unit_exact((struct str){all.p, n}), NULL), border);
        }
    }
}

static void
a_head_has_as_many_characters_as_asked(void)
{
    const struct str s = STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    static const size_t ends[] = {0, 1, 3, 6, 10, 11, 11, 11};

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct str head = utf8_head(unit_exact(s), i);

        UNIT_EQ(head.n, ends[i]);
        UNIT_EQ(utf8_count(head), (i < 5 ? i : 5));
    }
}

static void
counting_eight_at_a_time_is_counting(void)
{
    char text[64];

    for (size_t n = 0; n < sizeof text / 2; n++) {
        for (size_t i = 0; i < n; i++) {
            text[2 * i] = '\xc3';
            text[2 * i + 1] = '\xbc';
        }
        UNIT_EQ(utf8_count(unit_exact((struct str){text, 2 * n})), n);
    }
}

static void
a_character_has_one_to_four_bytes(void)
{
    UNIT_EQ(utf8_char(STR("")), 0);
    UNIT_EQ(utf8_char(STR("ab")), 1);
    UNIT_EQ(utf8_char(STR("\xc3\xa9x")), 2);
    UNIT_EQ(utf8_char(STR("\xe2\x82\xacx")), 3);
    UNIT_EQ(utf8_char(STR("\xf0\x9f\x98\x80x")), 4);
    UNIT_EQ(utf8_char(STR("\x80")), 0);
}

static void
white_space_of_every_kind_is_trimmed(void)
{
    static const char *const rows[][2] = {
        {"", ""},
        {" \t\r\n\v\f", ""},
        {"a", "a"},
        {" a b\n", "a b"},
        {"\r\n1.0\r\n", "1.0"},
        {"\xc2\xa0"
         "a\xc2\x85",
         "a"},
        {"\xef\xbb\xbf"
         "1.0\xe2\x80\x80\xe2\x80\x8a",
         "1.0"},
        {"\xe3\x80\x80\xe2\x80\xa8"
         "a\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\x9f\xe1\x9a\x80",
         "a"},
        {"\xe2\x80\x8b"
         "a\xe2\x80\x8b",
         "\xe2\x80\x8b"
         "a\xe2\x80\x8b"},
        {"\xc3\xa0", "\xc3\xa0"},
        {"\xc3\x85", "\xc3\x85"},
        {"\xc2\xa0", ""},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_STR(utf8_trim(unit_exact(str_of(rows[i][0]))), rows[i][1]);
}

static const struct unit_test tests[] = {
    {"white_space_of_every_kind_is_trimmed", white_space_of_every_kind_is_trimmed},
    {"what_is_wrong_is_found_where_it_begins", what_is_wrong_is_found_where_it_begins},
    {"a_text_cut_anywhere_is_judged_by_its_border",
     a_text_cut_anywhere_is_judged_by_its_border},
    {"a_head_has_as_many_characters_as_asked", a_head_has_as_many_characters_as_asked},
    {"counting_eight_at_a_time_is_counting", counting_eight_at_a_time_is_counting},
    {"a_character_has_one_to_four_bytes", a_character_has_one_to_four_bytes},
};

const struct unit_suite suite_utf8 = {"utf8", tests, COUNT_OF(tests)};
