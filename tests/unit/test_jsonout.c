#include "base/jsonout.h"
#include "unit.h"

static const struct {
    int line;
    const char *text, *json;
} rows[] = {
    {__LINE__, NULL, "null"},
    {__LINE__, "", "\"\""},
    {__LINE__, "plain / text", "\"plain / text\""},
    {__LINE__, "\"", "\"\\\"\""},
    {__LINE__, "a\\b", "\"a\\\\b\""},
    {__LINE__, "\n\r\t", "\"\\n\\r\\t\""},
    {__LINE__, "\x01x\x1f\x7f", "\"\\u0001x\\u001f\\u007f\""},
    {__LINE__, "\xc3\xa4\xe2\x82\xac", "\"\xc3\xa4\xe2\x82\xac\""},
    /* C1, and at its borders; marks that turn the direction of writing; line separators
     */
    {__LINE__, "\x7f\xc2\x80\xc2\x9b[2J\xc2\x9f\xc2\xa0",
     "\"\\u007f\\u0080\\u009b[2J\\u009f\xc2\xa0\""},
    {__LINE__, "\xd8\x9b\xd8\x9c\xd8\x9d", "\"\xd8\x9b\\u061c\xd8\x9d\""},
    {__LINE__, "\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
     "\"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\""},
    {__LINE__,
     "\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xac\xe2\x80\xac"
     "\xe2\x80\xaf",
     "\"\xe2\x80\xa7\\u2028\\u202a\\u202e\\u202c\\u202c\xe2\x80\xaf\""},
    {__LINE__, "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
     "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\""},
    {__LINE__, "cut \xe2\x80", "\"cut \xe2\x80\""},
    {__LINE__, "cut \xc2", "\"cut \xc2\""},
    {__LINE__, "ends in a tab\t", "\"ends in a tab\\t\""},
};

static void
texts_are_quoted_and_escaped(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b = buf_init(1000);
        struct str text = str_of(rows[i].text);

        jsonout_string(&b, text.p == NULL ? text : unit_exact(text));
        UNIT_STR_AT(rows[i].line, buf_str(&b), rows[i].json);
        buf_release(&b);
    }
}

static void
a_nul_is_escaped(void)
{
    struct buf b = buf_init(1000);

    jsonout_string(&b, unit_exact(STR("a\0b")));
    UNIT_STR(buf_str(&b), "\"a\\u0000b\"");
    buf_release(&b);
}

static void
json_of_others_steers_nothing_either(void)
{
    struct buf b = buf_init(1000);

    buf_add_char(&b, '{');
    jsonout_raw(&b, "a", STR("{\"\xe2\x80\xae\xe2\x80\xac\":\n[\"\\n\xc2\x9b\x7f\"]}"));
    UNIT_STR(buf_str(&b), "{\"a\":{\"\\u202e\\u202c\":\n[\"\\n\\u009b\\u007f\"]}");
    buf_release(&b);
}

static void
members_have_commas_between_them(void)
{
    struct buf b = buf_init(1000);

    buf_add_char(&b, '{');
    jsonout_text(&b, "a", STR("x"));
    jsonout_number(&b, "b", INT64_MIN);
    jsonout_raw(&b, "c\"", STR("[]"));
    jsonout_text(&b, "d", STR_NONE);
    jsonout_name(&b, "e");
    buf_add_text(&b, "[{");
    jsonout_number(&b, "f", INT64_MAX);
    buf_add_text(&b, "}]}");
    UNIT_STR(buf_str(&b),
             "{\"a\":\"x\",\"b\":-9223372036854775808,\"c\\\"\":[],\"d\":null,"
             "\"e\":[{\"f\":9223372036854775807}]}");
    buf_release(&b);
}

static void
a_buf_that_is_full_stays_failed(void)
{
    struct buf b = buf_init(5);

    jsonout_string(&b, STR("123"));
    UNIT(!b.failed);
    jsonout_number(&b, "n", 1);
    UNIT(b.failed && b.n <= 5);
    buf_release(&b);
}

static const struct unit_test tests[] = {
    {"texts_are_quoted_and_escaped", texts_are_quoted_and_escaped},
    {"a_nul_is_escaped", a_nul_is_escaped},
    {"json_of_others_steers_nothing_either", json_of_others_steers_nothing_either},
    {"members_have_commas_between_them", members_have_commas_between_them},
    {"a_buf_that_is_full_stays_failed", a_buf_that_is_full_stays_failed},
};

const struct unit_suite suite_jsonout = {"jsonout", tests, COUNT_OF(tests)};
