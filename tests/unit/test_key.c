#include <string.h>

#include "base/key.h"
#include "unit.h"

static void
lengths_are_bounded(void)
{
    char text[KEY_BYTES + 1];
    struct key k;

    (void)memset(text, 'a', sizeof text);
    for (size_t n = 0; n <= sizeof text; n++) {
        int expected = n >= 1 && n <= KEY_BYTES ? 0 : -1;

        UNIT_EQ(key_parse(unit_exact((struct str){text, n}), &k), expected);
        if (expected == 0)
            UNIT(str_eq(key_text(&k), (struct str){text, n}));
    }
}

static void
only_letters_digits_and_underlines_are_keys(void)
{
    struct key k;

    for (int c = 0; c < 256; c++) {
        char one = (char)c;
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || c == '_';

        UNIT_EQ(key_parse(unit_exact((struct str){&one, 1}), &k), (fine ? 0 : -1));
    }
}

static void
a_prefix_is_another_key(void)
{
    struct key a, b;

    UNIT_EQ(key_parse(STR("mshr_0123"), &a), 0);
    UNIT_EQ(key_parse(STR("mshr_012"), &b), 0);
    UNIT(!key_eq(&a, &b));
    UNIT_EQ(key_parse(STR("mshr_0123"), &b), 0);
    UNIT(key_eq(&a, &b));
    UNIT(memcmp(&a, &b, sizeof a) == 0);
    UNIT_EQ(key_parse(STR("MSHR_0123"), &b), 0);
    UNIT(!key_eq(&a, &b));
}

static const struct unit_test tests[] = {
    {"lengths_are_bounded", lengths_are_bounded},
    {"only_letters_digits_and_underlines_are_keys",
     only_letters_digits_and_underlines_are_keys},
    {"a_prefix_is_another_key", a_prefix_is_another_key},
};

const struct unit_suite suite_key = {"key", tests, COUNT_OF(tests)};
