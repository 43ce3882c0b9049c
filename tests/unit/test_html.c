#include "unit.h"
#include "wire/html.h"

static void
no_byte_of_a_text_is_markup(void)
{
    static const struct {
        int line;
        const char *text, *html;
    } rows[] = {
        {__LINE__, "", ""},
        {__LINE__, "plain", "plain"},
        {__LINE__, "<b a=\"1\" c='2'>&amp;",
         "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;"},
        {__LINE__, "a\nb\x01\x7f", "a b  "},
        {__LINE__, "\xc3\xa4\xff", "\xc3\xa4\xff"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_init(1000);

        html_text(&out, rows[i].text);
        UNIT_AT(rows[i].line, unit_is(buf_str(&out), rows[i].html) ||
                                  (out.n == 0 && rows[i].html[0] == '\0'));
        buf_release(&out);
    }
}

static const struct unit_test tests[] = {
    {"no_byte_of_a_text_is_markup", no_byte_of_a_text_is_markup},
};

const struct unit_suite suite_html = {"html", tests, COUNT_OF(tests)};
