#include "base/buf.h"
#include "event/logentry.h"
#include "unit.h"

static const struct {
    int line;
    const char *value;
    bool lenient;
    const char *text, *template;
} rows[] = {
    {__LINE__, "\"m\"", false, "m", NULL},
    {__LINE__, "\"\"", true, NULL, NULL},
    {__LINE__, "false", true, NULL, NULL},
    {__LINE__, "true", true, "true", NULL},
    {__LINE__, "42", true, "42", NULL},
    {__LINE__, "42", false, NULL, NULL},
    {__LINE__, "[1]", true, "[1]", NULL},
    {__LINE__, "{}", true, NULL, NULL},
    {__LINE__, "{\"message\":\"m\"}", true, "m", NULL},
    {__LINE__, "{\"formatted\":\"f\",\"message\":\"f\"}", true, "f", NULL},
    {__LINE__, "{\"formatted\":\"f\",\"message\":\"m\"}", true, "f", "m"},
    {__LINE__, "{\"formatted\":7}", true, "7", NULL},
    {__LINE__, "{\"formatted\":7}", false, NULL, NULL},
    {__LINE__, "{\"formatted\":\"\",\"message\":\"m\"}", false, "m", NULL},
    {__LINE__, "{\"message\":\"a %s\",\"params\":[\"b\"]}", true, "a b", "a %s"},
    {__LINE__, "{\"message\":\"%s%d%%\",\"params\":[\"b\",1.5]}", true, "b1.5%",
     "%s%d%%"},
    {__LINE__, "{\"message\":\"%(n)s %(n)05d\",\"params\":{\"n\":null}}", true,
     "None None", "%(n)s %(n)05d"},
    {__LINE__, "{\"message\":\"%r %r\",\"params\":[\"b\",true]}", true, "'b' True",
     "%r %r"},
    {__LINE__, "{\"message\":\"{} {}\",\"params\":[1,[2]]}", true, "1 [2]", "{} {}"},
    {__LINE__, "{\"message\":\"{1}{0:>3}{0!r}\",\"params\":[1,2]}", true, "211",
     "{1}{0:>3}{0!r}"},
    {__LINE__, "{\"message\":\"{a} {{x\",\"params\":{\"a\":1}}", true, "1 {x", "{a} {{x"},
    {__LINE__, "{\"message\":\"{2}\",\"params\":[1]}", true, "{2}", NULL},
    {__LINE__, "{\"message\":\"{\",\"params\":[1]}", true, "{", NULL},
    {__LINE__, "{\"message\":\"%s %s\",\"params\":[1]}", true, "%s %s", NULL},
    {__LINE__, "{\"message\":\"%s\",\"params\":[1,2]}", true, "%s", NULL},
    {__LINE__, "{\"message\":\"%(a\",\"params\":{\"a\":1}}", true, "%(a", NULL},
    {__LINE__, "{\"message\":\"%\",\"params\":[1]}", true, "%", NULL},
    {__LINE__, "{\"message\":\"%y\",\"params\":[1]}", true, "%y", NULL},
    {__LINE__, "{\"message\":\"%s\",\"params\":[]}", true, "%s", NULL},
    {__LINE__, "{\"message\":\"%s\",\"params\":7}", true, "%s", NULL},
    {__LINE__, "{\"message\":\"plain\",\"params\":[1]}", true, "plain", NULL},
};

static void
messages_are_read_and_formatted(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct logentry l;
        struct error e;

        UNIT_AT(rows[i].line,
                logentry_read(unit_arena(), unit_exact(str_of(rows[i].value)),
                              rows[i].lenient, &l, &e) == 0);
        UNIT_AT(rows[i].line, unit_is(l.text, rows[i].text));
        UNIT_AT(rows[i].line, unit_is(l.template, rows[i].template));
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
    UNIT(logentry_read(unit_arena(), buf_str(&b), true, &l, &e) == 0);
    UNIT(l.text.n == 3000 && l.template.p == NULL);
    buf_release(&b);
}

static const struct unit_test tests[] = {
    {"messages_are_read_and_formatted", messages_are_read_and_formatted},
    {"what_grows_without_end_keeps_its_template",
     what_grows_without_end_keeps_its_template},
};

const struct unit_suite suite_logentry = {"logentry", tests, COUNT_OF(tests)};
