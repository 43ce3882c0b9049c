#include <string.h>

#include "unit.h"
#include "wire/base64.h"

static const struct {
    int line;
    const char *text, *bytes; /* NULL: it is none */
} rows[] = {
    {__LINE__, "", ""},
    {__LINE__, "Zg==", "f"},
    {__LINE__, "Zm8=", "fo"},
    {__LINE__, "Zm9v", "foo"},
    {__LINE__, "Zm9vYg==", "foob"},
    {__LINE__, "Zg", "f"},
    {__LINE__, "Zm8", "fo"},
    {__LINE__, " Zm\r\n9v\t\nYmFy  \n", "foobar"},
    {__LINE__, "+/+/", "\xfb\xff\xbf"},
    {__LINE__, "Z", NULL},
    {__LINE__, "Zm9vY", NULL},
    {__LINE__, "Zh==", NULL},
    {__LINE__, "Zg===", NULL},
    {__LINE__, "Zg=x", NULL},
    {__LINE__, "Zm9v-_", NULL},
    {__LINE__, "{}", NULL},
    {__LINE__, "Zm9v!", NULL},
};

static void
texts_are_decoded(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str text = unit_exact(str_of(rows[i].text));
        char out[64];
        size_t n;
        int rc = base64_decode(text, out, &n);

        UNIT_EQ_AT(rows[i].line, rc, (rows[i].bytes == NULL ? -1 : 0));
        if (rows[i].bytes != NULL)
            UNIT_AT(rows[i].line, unit_is((struct str){out, n}, rows[i].bytes));
    }
}

static void
a_text_is_decoded_where_it_stands(void)
{
    char text[] = "Zm9v YmFy";
    size_t n;

    UNIT_EQ(base64_decode((struct str){text, sizeof text - 1}, text, &n), 0);
    UNIT(n == 6 && memcmp(text, "foobar", 6) == 0);
}

static const struct unit_test tests[] = {
    {"texts_are_decoded", texts_are_decoded},
    {"a_text_is_decoded_where_it_stands", a_text_is_decoded_where_it_stands},
};

const struct unit_suite suite_base64 = {"base64", tests, COUNT_OF(tests)};
