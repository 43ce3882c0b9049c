#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "json/json.h"
#include "unit.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void
strings_are_decoded(void)
{
    static const struct {
        int line;
        const char *value, *text;
    } rows[] = {
        {__LINE__, "\"\"", ""},
        {__LINE__, "\"plain\"", "plain"},
        {__LINE__, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {__LINE__, "\"a\\u0041z\"", "aAz"},
        {__LINE__, "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
         "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
        {__LINE__, "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {__LINE__, "\"\\uDBFF\\uDFFF\"", "\xf4\x8f\xbf\xbf"},
        {__LINE__, "\"\\ud800\"", BAD},
        {__LINE__, "\"\\ud83dy\"", BAD "y"},
        {__LINE__, "\"\\ud83d\\n\"", BAD "\n"},
        {__LINE__, "\"\\ud83d\\u0041\"", BAD "A"},
        {__LINE__, "\"\\ud83d\\ud83d\\ude00\"", BAD "\xf0\x9f\x98\x80"},
        {__LINE__, "\"\\ude00\\ud83d\"", BAD BAD},
        {__LINE__, "\"before\\u0000after\"", "before" BAD "after"},
        {__LINE__, "\"\\u0000\\u0000\"", BAD BAD},
        {__LINE__, "\"caf\xc3\xa9\\n\"", "caf\xc3\xa9\n"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        UNIT_EQ_AT(rows[i].line,
                   json_string(unit_arena(), unit_exact(str_of(rows[i].value)), &out, &e),
                   0);
        UNIT_STR_AT(rows[i].line, out, rows[i].text);
    }
}

static void
a_plain_string_is_not_copied(void)
{
    struct str value = unit_exact(STR("\"plain\"")), out;
    struct error e;

    UNIT(json_string(unit_arena(), value, &out, &e) == 0 && out.p == value.p + 1);
}

static void
a_full_arena_is_no_fault_of_the_client(void)
{
    struct arena *a = arena_new(16, 16);
    struct str value = STR("\"\\n0123456789abcdef\""), out;
    struct error e;

    UNIT_EQ(json_string(a, value, &out, &e), -1);
    UNIT(e.kind == ERROR_UNAVAILABLE && e.retry_after_s > 0);
    UNIT_EQ(json_tags(a, STR("{\"abcdefghijklmnop\":1}"), NULL, &out, &e), -1);
    UNIT_EQ(e.kind, ERROR_UNAVAILABLE);
    UNIT_EQ(json_tags(a, STR("{\"a\":\"bcdefghijklmnopq\"}"), NULL, &out, &e), -1);
    UNIT_EQ(e.kind, ERROR_UNAVAILABLE);
    arena_free(a);
}

static void
scalars_become_texts(void)
{
    static const char *const rows[][2] = {
        {"\"a\"", "a"}, {"-1.50e3", "-1.50e3"}, {"true", "True"}, {"false", "False"},
        {"null", NULL}, {"[1]", NULL},          {"{}", NULL},
    };
    struct str out;
    struct error e;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UNIT_EQ(json_scalar(unit_arena(), str_of(rows[i][0]), &out, &e), 0);
        UNIT_STR(out, rows[i][1]);
    }
    UNIT(json_scalar(unit_arena(), STR_NONE, &out, &e) == 0 && out.p == NULL);
}

static void
members_are_found_by_their_decoded_names(void)
{
    const struct str names[] = {STR("message"), STR("level"), STR("none"), STR("gone")};
    struct str values[COUNT_OF(names)];
    struct error e;

    UNIT_EQ(
        json_pick(unit_arena(),
                  unit_exact(STR("{\"message\":1,\"m\\u0065ssage\":2,\"level\\u0000\":3,"
                                 "\"levelx\":4,\"gone\":5,\"gone\":null}")),
                  names, COUNT_OF(names), values, &e),
        0);
    UNIT_STR(values[0], "2");
    UNIT(values[1].p == NULL && values[2].p == NULL && values[3].p == NULL);
}

/* NULL: absent. */
static void
tags_become_one_object_of_texts(void)
{
    static const struct {
        int line;
        const char *tags, *text;
    } rows[] = {
        {__LINE__, "{}", NULL},
        {__LINE__, "{\"a\":null,\"b\":[],\"c\":{}}", NULL},
        {__LINE__, "{\"a\":\"x\",\"b\":5,\"c\":true,\"d\":false,\"e\":1e400}",
         "{\"a\":\"x\",\"b\":\"5\",\"c\":\"True\",\"d\":\"False\",\"e\":\"1e400\"}"},
        {__LINE__, "{\"a\":1,\"A\":2,\"\\u0061\":3}", "{\"a\":\"3\",\"A\":\"2\"}"},
        {__LINE__, "{\"a/b\":\"c/d\"}", "{\"a/b\":\"c/d\"}"},
        {__LINE__, "{\"a\\u0000b\":\"x\\u0000y\",\"a\":\"z\"}",
         "{\"a" BAD "b\":\"x" BAD "y\",\"a\":\"z\"}"},
        {__LINE__, "{\"\\u0001\":\"\\ud800\"}", "{\"\\u0001\":\"" BAD "\"}"},
        {__LINE__, "{\"\":\"x\"}", "{\"\":\"x\"}"},
        {__LINE__, "[]", NULL},
        {__LINE__, "[[\"a\",1],[\"b\",\"\\\"\"],[\"a\",2]]",
         "{\"a\":\"2\",\"b\":\"\\\"\"}"},
        {__LINE__, "[null,[1,2],[\"a\"],[\"b\",1,2],[\"c\",3],7]", "{\"c\":\"3\"}"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        UNIT_EQ_AT(
            rows[i].line,
            json_tags(unit_arena(), unit_exact(str_of(rows[i].tags)), NULL, &out, &e), 0);
        UNIT_STR_AT(rows[i].line, out, rows[i].text);
    }
}

/* Makes {"kkk…":"vvv…"} with names and values of so many characters of two bytes. */
static struct str
one_tag(size_t name_chars, size_t value_chars)
{
    struct buf b = buf_init(10000);
    struct str s;

    buf_add_text(&b, "{\"");
    for (size_t i = 0; i < name_chars; i++)
        buf_add_text(&b, "\xc3\xa9");
    buf_add_text(&b, "\":\"");
    for (size_t i = 0; i < value_chars; i++)
        buf_add_text(&b, "\xc3\xa9");
    buf_add_text(&b, "\"}");
    s = unit_exact(buf_str(&b));
    buf_release(&b);
    return s;
}

static void
long_tags_are_cut_or_left_out(void)
{
    const size_t max = LIMIT_TAG_CHARS;
    struct str out;
    struct error e;

    for (size_t n = max - 1; n <= max; n++) {
        struct str tags = one_tag(n, n);

        UNIT(json_tags(unit_arena(), tags, NULL, &out, &e) == 0 && str_eq(out, tags));
    }
    UNIT(json_tags(unit_arena(), one_tag(max + 1, 1), NULL, &out, &e) == 0 &&
         out.p == NULL);
    UNIT_EQ(json_tags(unit_arena(), one_tag(1, max + 1), NULL, &out, &e), 0);
    UNIT_EQ(out.n, 2 + 2 + 3 + 2 * (max - 3) + 3 + 2);
    UNIT(out.n > 5 && memcmp(out.p + out.n - 5, "...\"}", 5) == 0);
}

static size_t
count_tags(size_t n)
{
    struct buf b = buf_init(1000000);
    struct str out;
    struct error e;
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        buf_add_f(&b, "%s\"k%zu\":\"v\"", i == 0 ? "{" : ",", i);
    buf_add_text(&b, ",\"k0\":\"last\"}");
    UNIT_EQ(json_tags(unit_arena(), unit_exact(buf_str(&b)), NULL, &out, &e), 0);
    UNIT(str_starts(out, STR("{\"k0\":\"last\",")));
    for (size_t i = 0; i < out.n; i++)
        count += out.p[i] == ':' ? 1 : 0;
    buf_release(&b);
    return count;
}

static void
the_number_of_tags_is_limited(void)
{
    UNIT_EQ(count_tags(LIMIT_TAGS - 1), LIMIT_TAGS - 1);
    UNIT_EQ(count_tags(LIMIT_TAGS), LIMIT_TAGS);
    UNIT_EQ(count_tags(LIMIT_TAGS + 1), LIMIT_TAGS);
    UNIT_EQ(count_tags(5000), LIMIT_TAGS);
}

/* What was left out or cut: '!' or '~', the name, and the value. */
static struct buf told;

static void
/* cppcheck-suppress constParameter */
tell(void *context, bool too_long, struct str name, struct str value)
{
    UNIT(context == &told);
    buf_add_char(&told, too_long ? '~' : '!');
    buf_add_str(&told, utf8_head(name, 8));
    buf_add_char(&told, '=');
    buf_add_str(&told, utf8_head(value, 8));
    buf_add_char(&told, ' ');
}

static void
tags_that_are_left_out_are_told(void)
{
    static const struct {
        int line;
        const char *tags, *kept, *told;
    } rows[] = {
        {__LINE__, "{\"a\":null,\"b\":\" x\\n\"}", "{\"b\":\"x\"}", ""},
        {__LINE__, "{\"a\":\"\",\"b\":\" \\t\"}", NULL, "!a=\"\" !b=\" \\t\" "},
        {__LINE__, "{\"a\":\"x\\ny\",\"b\":\"x\\ry\"}", NULL,
         "!a=\"x\\ny\" !b=\"x\\ry\" "},
        {__LINE__, "{\"a\":[1],\"b\":{}}", NULL, "!a=[1] !b={} "},
        {__LINE__, "{\"a\":false,\"b\":0}", "{\"a\":\"False\",\"b\":\"0\"}", ""},
        {__LINE__, "[[\"a\",\"b\"],[\"c\"],null,\"x\",[null,1],{\"d\":1},[\"e\",null]]",
         "{\"a\":\"b\"}", "!=[\"c\"] !=\"x\" !=[null,1] !={\"d\":1} "},
    };
    const struct json_tags_notes notes = {tell, &told};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        told = buf_init(1000);
        UNIT_EQ_AT(
            rows[i].line,
            json_tags(unit_arena(), unit_exact(str_of(rows[i].tags)), &notes, &out, &e),
            0);
        UNIT_STR_AT(rows[i].line, out, rows[i].kept);
        UNIT_STR_AT(rows[i].line, buf_str(&told), rows[i].told);
        buf_release(&told);
    }
}

static const struct unit_test tests[] = {
    {"tags_that_are_left_out_are_told", tags_that_are_left_out_are_told},
    {"strings_are_decoded", strings_are_decoded},
    {"a_plain_string_is_not_copied", a_plain_string_is_not_copied},
    {"a_full_arena_is_no_fault_of_the_client", a_full_arena_is_no_fault_of_the_client},
    {"scalars_become_texts", scalars_become_texts},
    {"members_are_found_by_their_decoded_names",
     members_are_found_by_their_decoded_names},
    {"tags_become_one_object_of_texts", tags_become_one_object_of_texts},
    {"long_tags_are_cut_or_left_out", long_tags_are_cut_or_left_out},
    {"the_number_of_tags_is_limited", the_number_of_tags_is_limited},
};

const struct unit_suite suite_json = {"json", tests, COUNT_OF(tests)};
