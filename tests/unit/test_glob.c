#include <string.h>

#include "base/buf.h"
#include "base/glob.h"
#include "unit.h"

static void
stars_and_question_marks(void)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"", "", true},          {"", "a", false},           {"a", "", false},
        {"*", "", true},         {"*", "abc", true},         {"abc", "ABC", true},
        {"abc", "abcd", false},  {"a*c", "abbc", true},      {"a*c", "abb", false},
        {"*b*", "abc", true},    {"a?c", "abc", true},       {"a?c", "ac", false},
        {"?", "\xc3\xa9", true}, {"??", "\xc3\xa9", false},  {"a\\*c", "a*c", true},
        {"a\\*c", "abc", false}, {"a\\", "a\\", true},       {"*.com", "x.com.com", true},
        {"**a**", "bab", true},  {"a*b*c", "aXbYbZc", true}, {"*a?", "aab", true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_EQ(glob_matches(unit_exact(str_of(rows[i].pattern)),
                             unit_exact(str_of(rows[i].text))),
                rows[i].fits);
}

/* Would take for ever if each star were tried at each place. */
static void
many_stars_take_no_time(void)
{
    struct buf text = buf_init(100000), pattern = buf_init(1000);

    for (int i = 0; i < 100000; i++)
        buf_add_char(&text, 'a');
    for (int i = 0; i < 100; i++)
        buf_add_text(&pattern, "*a");
    buf_add_char(&pattern, 'b');
    UNIT(!glob_matches(buf_str(&pattern), buf_str(&text)));
    buf_release(&text);
    buf_release(&pattern);
}

static const struct unit_test tests[] = {
    {"stars_and_question_marks", stars_and_question_marks},
    {"many_stars_take_no_time", many_stars_take_no_time},
};

const struct unit_suite suite_glob = {"glob", tests, COUNT_OF(tests)};
