#include "event/format.h"
#include "unit.h"

/* how: after the %, or the colon; want NULL: no conversion. */
struct row {
    int line;
    bool is_number;
    const char *how, *text, *want;
};

static const struct row percents[] = {
    {__LINE__, false, "s", "a", "a"},
    {__LINE__, false, "5s", "a", "    a"},
    {__LINE__, false, "-5s", "a", "a    "},
    {__LINE__, false, ".2s", "abc", "ab"},
    {__LINE__, false, "4.2s", "\xc3\xa4\xc3\xb6\xc3\xbc", "  \xc3\xa4\xc3\xb6"},
    {__LINE__, true, "d", "7", "7"},
    {__LINE__, true, "5d", "7", "    7"},
    {__LINE__, true, "-5d", "7", "7    "},
    {__LINE__, true, "05d", "-7", "-0007"},
    {__LINE__, true, "-05d", "7", "7    "},
    {__LINE__, true, "+d", "7", "+7"},
    {__LINE__, true, "+5d", "7", "   +7"},
    {__LINE__, true, "+05d", "7", "+0007"},
    {__LINE__, true, " d", "7", " 7"},
    {__LINE__, true, "d", "1.9", "1"},
    {__LINE__, true, "i", "-1.9", "-1"},
    {__LINE__, true, "ld", "123456789012345678901234567890",
     "123456789012345678901234567890"},
    {__LINE__, false, "3d", "x", "  x"},
    {__LINE__, true, ".2f", "1.5", "1.50"},
    {__LINE__, true, "8.3f", "-1.5", "  -1.500"},
    {__LINE__, true, "08.3f", "-1.5", "-001.500"},
    {__LINE__, true, "f", "2", "2.000000"},
    {__LINE__, true, ".0f", "2.6", "3"},
    {__LINE__, true, ".2f", "1e999", "1e999"},
    {__LINE__, true, ".1e", "12345", "1.2e+04"},
    {__LINE__, true, ".3g", "12345", "1.23e+04"},
    {__LINE__, true, "x", "255", "ff"},
    {__LINE__, true, "#06X", "-255", "-000FF"},
    {__LINE__, true, "o", "8", "10"},
    {__LINE__, true, "1000d", "7", NULL}, /* too long for the table: see below */
    {__LINE__, true, "1001d", "7", NULL},
    {__LINE__, true, ".101f", "7", NULL},
    {__LINE__, true, "99999999999999999999d", "7", NULL},
    {__LINE__, true, "", "7", NULL},
    {__LINE__, true, "5", "7", NULL},
    {__LINE__, true, "*d", "7", NULL},
    {__LINE__, true, "q", "7", NULL},
};

static void
conversions_after_a_percent_sign(void)
{
    for (size_t i = 0; i < COUNT_OF(percents); i++) {
        struct str how = unit_exact(str_of(percents[i].how));
        struct buf out = buf_init(2000);
        struct format f;
        const char *end = format_percent(how.p, how.p + how.n, &f);

        if (str_eq(how, STR("1000d"))) {
            UNIT(end != NULL);
            format_put(&out, &f, STR("7"), true);
            UNIT_EQ(out.n, 1000);
        } else if (percents[i].want == NULL) {
            UNIT_AT(percents[i].line, end == NULL);
        } else {
            UNIT_AT(percents[i].line, end == how.p + how.n);
            format_put(&out, &f, unit_exact(str_of(percents[i].text)),
                       percents[i].is_number);
            UNIT_STR_AT(percents[i].line, buf_str(&out), percents[i].want);
        }
        buf_release(&out);
    }
}

static const struct row braces[] = {
    {__LINE__, false, "", "a", "a"},        {__LINE__, false, "5", "a", "a    "},
    {__LINE__, true, "5", "7", "    7"},    {__LINE__, false, ">5", "a", "    a"},
    {__LINE__, false, "^5", "ab", " ab  "}, {__LINE__, true, "*<4", "7", "7***"},
    {__LINE__, true, "05d", "-7", "-0007"}, {__LINE__, true, "+.1f", "1.25", "+1.2"},
    {__LINE__, true, ".2f", "1.5", "1.50"}, {__LINE__, true, "8,.2f", "1.5", "    1.50"},
    {__LINE__, false, ".2", "abc", "ab"},   {__LINE__, true, "x", "255", "ff"},
    {__LINE__, true, "N2", "1.5", "1.5"},   {__LINE__, false, "yyyy-MM-dd", "a", "a"},
    {__LINE__, false, "1001", "a", "a"},
};

static void
conversions_after_a_colon(void)
{
    for (size_t i = 0; i < COUNT_OF(braces); i++) {
        struct buf out = buf_init(2000);
        struct format f;

        (void)!format_brace(unit_exact(str_of(braces[i].how)), &f);
        format_put(&out, &f, unit_exact(str_of(braces[i].text)), braces[i].is_number);
        UNIT_STR_AT(braces[i].line, buf_str(&out), braces[i].want);
        buf_release(&out);
    }
}

static const struct unit_test tests[] = {
    {"conversions_after_a_percent_sign", conversions_after_a_percent_sign},
    {"conversions_after_a_colon", conversions_after_a_colon},
};

const struct unit_suite suite_format = {"format", tests, COUNT_OF(tests)};
