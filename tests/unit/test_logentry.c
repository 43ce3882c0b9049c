#include "base/buf.h"
#include "event/logentry.h"
#include "unit.h"

static const struct {
    int line;
    bool lenient;
    const char *value;
    const char *text, *template;
} rows[] = {
    {__LINE__, false, "\"m\"", "m", NULL},
    {__LINE__, true, "\"\"", NULL, NULL},
    {__LINE__, true, "false", NULL, NULL},
    {__LINE__, true, "true", "true", NULL},
    {__LINE__, true, "42", "42", NULL},
    {__LINE__, false, "42", NULL, NULL},
    {__LINE__, true, "[1]", "[1]", NULL},
    {__LINE__, true, "{}", NULL, NULL},
    {__LINE__, true, "{\"message\":\"m\"}", "m", NULL},
    {__LINE__, true, "{\"formatted\":\"f\",\"message\":\"f\"}", "f", NULL},
    {__LINE__, true, "{\"formatted\":\"f\",\"message\":\"m\"}", "f", "m"},
    {__LINE__, true, "{\"formatted\":7}", "7", NULL},
    {__LINE__, false, "{\"formatted\":7}", NULL, NULL},
    {__LINE__, false, "{\"formatted\":\"\",\"message\":\"m\"}", "m", NULL},
    {__LINE__, true, "{\"message\":\"a %s\",\"params\":[\"b\"]}", "a b", "a %s"},
    {__LINE__, true, "{\"message\":\"%s%d%%\",\"params\":[\"b\",1.5]}", "b1%", "%s%d%%"},
    {__LINE__, true, "{\"message\":\"%(n)s %(n)05d\",\"params\":{\"n\":null}}",
     "None  None", "%(n)s %(n)05d"},
    {__LINE__, true, "{\"message\":\"%r %r\",\"params\":[\"b\",true]}", "'b' True",
     "%r %r"},
    {__LINE__, true, "{\"message\":\"{} {}\",\"params\":[1,[2]]}", "1 [2]", "{} {}"},
    {__LINE__, true, "{\"message\":\"{1}{0:>3}{0!r}\",\"params\":[1,2]}", "2  11",
     "{1}{0:>3}{0!r}"},
    {__LINE__, true, "{\"message\":\"{a} {{x\",\"params\":{\"a\":1}}", "1 {x", "{a} {{x"},
    {__LINE__, true, "{\"message\":\"{2}\",\"params\":[1]}", "{2}", NULL},
    {__LINE__, true, "{\"message\":\"{\",\"params\":[1]}", "{", NULL},
    {__LINE__, true, "{\"message\":\"%s %s\",\"params\":[1]}", "%s %s", NULL},
    {__LINE__, true, "{\"message\":\"%s\",\"params\":[1,2]}", "%s", NULL},
    {__LINE__, true, "{\"message\":\"%(a\",\"params\":{\"a\":1}}", "%(a", NULL},
    {__LINE__, true, "{\"message\":\"%\",\"params\":[1]}", "%", NULL},
    {__LINE__, true, "{\"message\":\"%y\",\"params\":[1]}", "%y", NULL},
    {__LINE__, true, "{\"message\":\"%s\",\"params\":[]}", "%s", NULL},
    {__LINE__, true, "{\"message\":\"%s\",\"params\":7}", "%s", NULL},
    {__LINE__, true, "{\"message\":\"plain\",\"params\":[1]}", "plain", NULL},
};

static void
messages_are_read_and_formatted(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct logentry l;
        struct error e;

        UNIT_EQ_AT(rows[i].line,
                   logentry_read(unit_arena(), unit_exact(str_of(rows[i].value)),
                                 rows[i].lenient, &l, &e),
                   0);
        UNIT_STR_AT(rows[i].line, l.text, rows[i].text);
        UNIT_STR_AT(rows[i].line, l.template, rows[i].template);
    }
}

static void
what_grows_without_end_keeps_its_template(void)
{
    struct buf b = buf_init(200000);
    struct logentry l;
    struct error e;

    buf_add_text(&b, "{\"message\":\"");
    for (int i = 0; i < 1000; i++)
        buf_add_text(&b, "{0}");
    buf_add_text(&b, "\",\"params\":[\"");
    for (int i = 0; i < 1000; i++)
        buf_add_char(&b, 'x');
    buf_add_text(&b, "\"]}");
    UNIT_EQ(logentry_read(unit_arena(), buf_str(&b), true, &l, &e), 0);
    UNIT(l.text.n == 3000 && l.template.p == NULL);
    buf_release(&b);
}

static const struct unit_test tests[] = {
    {"messages_are_read_and_formatted", messages_are_read_and_formatted},
    {"what_grows_without_end_keeps_its_template",
     what_grows_without_end_keeps_its_template},
};

const struct unit_suite suite_logentry = {"logentry", tests, COUNT_OF(tests)};
