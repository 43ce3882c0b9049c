#include <stdint.h>
#include <string.h>

#include "base/display.h"
#include "unit.h"

static const struct {
    int line;
    const char *text;
    size_t max, columns;
    const char *shown;
} texts[] = {
    {__LINE__, "", 10, 0, ""},
    {__LINE__, "plain", 5, 5, "plain"},
    {__LINE__, "plain", 4, 4, "pla…"},
    {__LINE__, "plain", 1, 1, "…"},
    {__LINE__, "plain", 0, 0, ""},
    {__LINE__, "caf\xc3\xa9", SIZE_MAX, 4, "caf\xc3\xa9"},
    {__LINE__, "\xe4\xb8\xad\xe6\x96\x87", 4, 4, "\xe4\xb8\xad\xe6\x96\x87"},
    /* A wide character does not stand half in the last column. */
    {__LINE__, "\xe4\xb8\xad\xe6\x96\x87", 3, 3, "\xe4\xb8\xad…"},
    {__LINE__, "\xe4\xb8\xad\xe6\x96\x87", 2, 1, "…"},
    {__LINE__, "e\xcc\x81x", 2, 2, "e\xcc\x81x"},
    {__LINE__, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", 1, 1,
     "e\xcc\x81\xcc\x81\xcc\x81"},
    /* A mark without a letter would sit on what stands before the text. */
    {__LINE__, "\xcc\x81x", 5, 1, "x"},
    {__LINE__, "a\x1b[31m\r\n\tb\x7f", SIZE_MAX, 11, "a [31m   b "},
    {__LINE__, "a\xc2\x9b\xc2\x85z", SIZE_MAX, 4, "a  z"},
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): such a text is what is tested */
    {__LINE__, "a\xe2\x80\xaez\xe2\x81\xa6y\xe2\x80\x8f", SIZE_MAX, 3, "azy"},
    {__LINE__, "a\xe2\x80\xa8z", SIZE_MAX, 3, "a z"},
    {__LINE__, "a\xffz\xc3", SIZE_MAX, 4, "a\xef\xbf\xbdz\xef\xbf\xbd"},
    {__LINE__, "\xf0\x9f\x98\x80!", SIZE_MAX, 3, "\xf0\x9f\x98\x80!"},
};

static void
what_is_shown_has_the_width_that_is_told(void)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct buf out = buf_init(1000);
        struct str s = unit_exact(str_of(texts[i].text));
        size_t columns = display_add(&out, s, texts[i].max);

        UNIT_EQ_AT(texts[i].line, columns, texts[i].columns);
        UNIT_STR_AT(texts[i].line, buf_str(&out), texts[i].shown);
        if (texts[i].max == SIZE_MAX)
            UNIT_EQ_AT(texts[i].line, display_width(s), texts[i].columns);
        buf_release(&out);
    }
}

static void
a_cell_has_exactly_its_columns(void)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t columns = 1; columns < 9; columns++)
            for (int right = 0; right < 2; right++) {
                struct buf out = buf_init(1000);

                display_cell(&out, str_of(texts[i].text), columns, right != 0);
                UNIT_EQ_AT(texts[i].line, display_width(buf_str(&out)), columns);
                buf_release(&out);
            }
}

static void
no_byte_steers_a_terminal(void)
{
    char all[256];
    struct buf out = buf_init(4096);

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    (void)display_add(&out, (struct str){all, sizeof all}, SIZE_MAX);
    for (size_t i = 0; i < out.n; i++)
        UNIT((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
    buf_release(&out);
}

static const struct {
    int line;
    const char *text;
    size_t max;
    const char *lines; /* each ends with | */
} wraps[] = {
    {__LINE__, "", 10, ""},
    {__LINE__, "one two three", 8, "one two |three|"},
    {__LINE__, "one two three", 13, "one two three|"},
    {__LINE__, "one two three", 12, "one two |three|"},
    {__LINE__, "abcdefgh", 3, "abc|def|gh|"},
    {__LINE__, "a\n\nb\n", 80, "a||b|"},
    {__LINE__, "\xe4\xb8\xad\xe6\x96\x87", 3, "\xe4\xb8\xad|\xe6\x96\x87|"},
    {__LINE__, "\xe4\xb8\xad\xe6\x96\x87", 1, "\xe4\xb8\xad|\xe6\x96\x87|"},
    {__LINE__, "a\rb\x1b[1m", SIZE_MAX, "a b [1m|"},
};

static void
a_long_text_is_broken_into_lines(void)
{
    for (size_t i = 0; i < COUNT_OF(wraps); i++) {
        struct buf out = buf_init(1000);
        struct str rest = unit_exact(str_of(wraps[i].text));

        while (display_line(&out, &rest, wraps[i].max))
            buf_add_char(&out, '|');
        UNIT_STR_AT(wraps[i].line, buf_str(&out), wraps[i].lines);
        buf_release(&out);
    }
}

static const struct unit_test tests[] = {
    {"what_is_shown_has_the_width_that_is_told",
     what_is_shown_has_the_width_that_is_told},
    {"a_cell_has_exactly_its_columns", a_cell_has_exactly_its_columns},
    {"a_long_text_is_broken_into_lines", a_long_text_is_broken_into_lines},
    {"no_byte_steers_a_terminal", no_byte_steers_a_terminal},
};

const struct unit_suite suite_display = {"display", tests, COUNT_OF(tests)};
