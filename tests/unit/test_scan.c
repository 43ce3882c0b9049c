#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "json/scan.h"
#include "unit.h"

static const char *const sound[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "10",
    "-1.50e+10",
    "1E-9",
    "0.0e0",
    "1e999",
    "\"\"",
    "\"a long string of plain bytes, over sixteen\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD83D\\uDE00\\ud800\"",
    "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 and more\"",
    "\"\x7f\"",
    "[]",
    "{}",
    " \t\r\n[ ] ",
    "[1,\"a\",null,true,{},[]]",
    "{\"\":1}",
    "{\"a\":1,\"a\":2}",
    "{ \"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : { } } }",
    "[[[[[]]],[[]]]]",
    "{\"a\":                                     1}",
    "\xef\xbb\xbf{}",
    "\xef\xbb\xbf\xef\xbb\xbf{}",
    "\xef\xbb\xbf \"\xef\xbb\xbf\" ",
};

static void
sound_texts_are_accepted(void)
{
    for (size_t i = 0; i < COUNT_OF(sound); i++) {
        struct str value, text = unit_exact(str_of(sound[i]));
        struct error e;

        if (scan_value(text, 8, &value, &e) != 0) {
            UNIT(sound[i] == NULL);
            (void)printf("%s: %s\n", sound[i], e.text);
        } else {
            UNIT(value.p >= text.p && value.p + value.n <= text.p + text.n);
            UNIT(!scan_blank((struct str){value.p, 1}));
            UNIT(!scan_blank((struct str){value.p + value.n - 1, 1}));
        }
    }
}

/* Numbers are the only values that have a proper prefix which is one, too. */
static void
a_text_that_is_cut_ends_unexpectedly(void)
{
    for (size_t i = 0; i < COUNT_OF(sound); i++) {
        struct str all = str_of(sound[i]), value;

        if (scan_type(all) == SCAN_NUMBER)
            continue;
        while (scan_blank((struct str){all.p + all.n - 1, 1}))
            all.n--;
        for (size_t n = 0; n < all.n; n++) {
            char expected[80];
            struct error e = {.kind = ERROR_NONE};

            (void)snprintf(expected, sizeof expected,
                           "invalid JSON at byte %zu: unexpected end", n);
            UNIT_EQ(scan_value(unit_exact((struct str){all.p, n}), 8, &value, &e), -1);
            UNIT(e.kind == ERROR_MALFORMED && strcmp(e.text, expected) == 0);
            UNIT(value.p == NULL);
        }
    }
}

static const struct {
    int line, at;
    const char *text, *why;
} wrong[] = {
    {__LINE__, 3, "nul", "unexpected end"},
    {__LINE__, 3, "nulL", "expected a value"},
    {__LINE__, 0, "True", "expected a value"},
    {__LINE__, 0, "NaN", "expected a value"},
    {__LINE__, 0, "Infinity", "expected a value"},
    {__LINE__, 1, "-Infinity", "expected a digit"},
    {__LINE__, 0, "+1", "expected a value"},
    {__LINE__, 0, ".5", "expected a value"},
    {__LINE__, 2, "5.", "unexpected end"},
    {__LINE__, 3, "[5.]", "expected a digit"},
    {__LINE__, 3, "[1e]", "expected a digit"},
    {__LINE__, 4, "[1e+]", "expected a digit"},
    {__LINE__, 1, "01", "expected nothing more"},
    {__LINE__, 3, "[-01]", "expected ',' or ']'"},
    {__LINE__, 2, "[0x1F]", "expected ',' or ']'"},
    {__LINE__, 0, "'a'", "expected a value"},
    {__LINE__, 2, "\"a\nb\"", "control character in a string"},
    {__LINE__, 1, "\"\x1f\"", "control character in a string"},
    {__LINE__, 9, "\"12345678\t\"", "control character in a string"},
    {__LINE__, 2, "\"\\x41\"", "no such escape"},
    {__LINE__, 5, "\"\\u12\"", "expected four hexadecimal digits"},
    {__LINE__, 5, "\"\\u12g4\"", "expected four hexadecimal digits"},
    {__LINE__, 4, "\"caf\xe9\"", "invalid UTF-8"},
    {__LINE__, 1, "\"\xc0\xaf\"", "invalid UTF-8"},
    {__LINE__, 1, "\"\xed\xa0\x80\"", "invalid UTF-8"},
    {__LINE__, 1, "\"\xe2\x82\"", "invalid UTF-8"},
    {__LINE__, 3, "\xef\xbb\xbf", "unexpected end"},
    {__LINE__, 3, "\xef\xbb\xbfx", "expected a value"},
    {__LINE__, 1, " \xef\xbb\xbf{}", "expected a value"},
    {__LINE__, 0, "\xef\xbb{}", "expected a value"},
    {__LINE__, 3, "[1,]", "expected a value"},
    {__LINE__, 1, "[,1]", "expected a value"},
    {__LINE__, 3, "[1 2]", "expected ',' or ']'"},
    {__LINE__, 2, "[1}", "expected ',' or ']'"},
    {__LINE__, 6, "{\"a\":1]", "expected ',' or '}'"},
    {__LINE__, 7, "{\"a\":1,}", "expected a name in double quotes"},
    {__LINE__, 1, "{,}", "expected a name in double quotes"},
    {__LINE__, 1, "{a:1}", "expected a name in double quotes"},
    {__LINE__, 1, "{1:1}", "expected a name in double quotes"},
    {__LINE__, 4, "{\"a\"}", "expected ':'"},
    {__LINE__, 4, "{\"a\",1}", "expected ':'"},
    {__LINE__, 5, "{\"a\":}", "expected a value"},
    {__LINE__, 2, "{}x", "expected nothing more"},
    {__LINE__, 2, "{}{}", "expected nothing more"},
    {__LINE__, 3, "{} ]", "expected nothing more"},
    {__LINE__, 0, "]", "expected a value"},
    {__LINE__, 2, "{}/* no */", "expected nothing more"},
    {__LINE__, 0, "\f1", "expected a value"},
    {__LINE__, 0, "", "unexpected end"},
    {__LINE__, 2, "  ", "unexpected end"},
};

static void
the_first_wrong_byte_is_named(void)
{
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct error e = {.kind = ERROR_NONE};
        char expected[120];
        struct str value;

        (void)snprintf(expected, sizeof expected, "invalid JSON at byte %d: %s",
                       wrong[i].at, wrong[i].why);
        UNIT_EQ_AT(wrong[i].line,
                   scan_value(unit_exact(str_of(wrong[i].text)), 8, &value, &e), -1);
        UNIT_AT(wrong[i].line,
                e.kind == ERROR_MALFORMED && strcmp(e.text, expected) == 0);
    }
}

static void
a_nul_is_wrong_wherever_it_stands(void)
{
    static const struct str texts[] = {{"{}\0garbage", 10}, {"\0{}", 3},
                                       {"\"a\0b\"", 5},     {"[\0]", 3},
                                       {"12\0", 3},         {"{\"a\"\0:1}", 8}};
    struct str value;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        UNIT_EQ(scan_value(unit_exact(texts[i]), 8, &value, &e), -1);
}

/* Makes levels of brackets, kinds mixed when objects is true. */
static struct str
nested(size_t levels, bool objects)
{
    struct str s = {NULL, 0};
    char *p = malloc(levels * 6);
    size_t n = 0;

    if (p == NULL)
        return s;
    for (size_t i = 0; i < levels; i++) {
        bool object = objects && i % 3 != 0;

        (void)memcpy(p + n, object ? "{\"a\":" : "[", object ? 5 : 1);
        n += object ? 5 : 1;
    }
    if (n > 0 && p[n - 1] == ':')
        p[n++] = '7';
    for (size_t i = levels; i-- > 0;)
        p[n++] = objects && i % 3 != 0 ? '}' : ']';
    s = unit_exact((struct str){p, n});
    free(p);
    return s;
}

static void
nesting_is_limited_exactly(void)
{
    static const unsigned limits[] = {1, 2, 7, 8, 9, LIMIT_JSON_DEPTH, SCAN_DEPTH_MAX};
    struct str value;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(limits); i++)
        for (int objects = 0; objects < 2; objects++) {
            UNIT_EQ(scan_value(nested(limits[i], objects), limits[i], &value, &e), 0);
            UNIT_EQ(scan_value(nested(limits[i] + 1, objects), limits[i], &value, &e),
                    -1);
            UNIT(strstr(e.text, "levels deep") != NULL);
        }
    UNIT_EQ(scan_value(nested(129, false), 128, &value, &e), -1);
    UNIT_STR(str_of(e.text), "invalid JSON at byte 128: more than 128 levels deep");
    UNIT_EQ(scan_value(nested(200000, false), 128, &value, &e), -1);
}

static void
a_walk_gives_every_member_as_it_stands(void)
{
    struct str text =
        unit_exact(STR(" {\"a\" : 1 ,\"b\\\"\":\"x\\\\\",\"\":{\"k\":[\"}\",{}]},\"d\":[ "
                       "] , \"e\":null} "));
    struct str object, name, value;
    struct scan_iter it;
    struct error e;

    UNIT_EQ(scan_value(text, 8, &object, &e), 0);
    it = scan_open(object);
    UNIT(scan_object_next(&it, &name, &value) && unit_is(name, "a") &&
         unit_is(value, "1"));
    UNIT(scan_object_next(&it, &name, &value) && unit_is(name, "b\\\"") &&
         unit_is(value, "\"x\\\\\""));
    UNIT(scan_object_next(&it, &name, &value) && unit_is(name, "") &&
         unit_is(value, "{\"k\":[\"}\",{}]}"));
    UNIT(scan_object_next(&it, &name, &value) && unit_is(name, "d") &&
         unit_is(value, "[ ]"));
    UNIT(scan_object_next(&it, &name, &value) && unit_is(name, "e") &&
         unit_is(value, "null"));
    UNIT(!scan_object_next(&it, &name, &value));
    it = scan_open(STR("{ }"));
    UNIT(!scan_object_next(&it, &name, &value));
}

static void
a_walk_gives_every_element_as_it_stands(void)
{
    static const char *const expected[] = {"1",         "-2.5e3", "\"a,]\"",
                                           "[[\"[\"]]", "{}",     "true"};
    struct scan_iter it =
        scan_open(unit_exact(STR("[1 , -2.5e3,\"a,]\",[[\"[\"]],{} ,true ]")));
    struct str value;

    for (size_t i = 0; i < COUNT_OF(expected); i++)
        UNIT(scan_array_next(&it, &value) && unit_is(value, expected[i]));
    UNIT(!scan_array_next(&it, &value));
    it = scan_open(STR("[\n]"));
    UNIT(!scan_array_next(&it, &value));
}

static void
a_value_is_told_by_its_first_byte(void)
{
    UNIT(scan_type(STR("null")) == SCAN_NULL && scan_type(STR("true")) == SCAN_TRUE);
    UNIT(scan_type(STR("false")) == SCAN_FALSE && scan_type(STR("-1")) == SCAN_NUMBER);
    UNIT(scan_type(STR("\"\"")) == SCAN_STRING && scan_type(STR("[]")) == SCAN_ARRAY);
    UNIT(scan_type(STR("{}")) == SCAN_OBJECT && scan_type(STR("0")) == SCAN_NUMBER);
    UNIT_EQ(scan_type(STR_NONE), SCAN_NULL);
    UNIT(scan_blank(STR(" \t\r\n")) && scan_blank(STR_NONE) && !scan_blank(STR(" \f")));
}

static const struct unit_test tests[] = {
    {"sound_texts_are_accepted", sound_texts_are_accepted},
    {"a_text_that_is_cut_ends_unexpectedly", a_text_that_is_cut_ends_unexpectedly},
    {"the_first_wrong_byte_is_named", the_first_wrong_byte_is_named},
    {"a_nul_is_wrong_wherever_it_stands", a_nul_is_wrong_wherever_it_stands},
    {"nesting_is_limited_exactly", nesting_is_limited_exactly},
    {"a_walk_gives_every_member_as_it_stands", a_walk_gives_every_member_as_it_stands},
    {"a_walk_gives_every_element_as_it_stands", a_walk_gives_every_element_as_it_stands},
    {"a_value_is_told_by_its_first_byte", a_value_is_told_by_its_first_byte},
};

const struct unit_suite suite_scan = {"scan", tests, COUNT_OF(tests)};
