#include "unit.h"
#include "wire/dsn.h"

static const struct {
    int line;
    const char *text, *key, *project; /* key NULL: it is none */
} rows[] = {
    {__LINE__, "https://abc@example.com/42", "abc", "42"},
    {__LINE__, "http://abc@127.0.0.1:8000/42", "abc", "42"},
    {__LINE__, "https://abc:def@example.com/42", "abc", "42"},
    {__LINE__, "https://abc:@example.com/42", "abc", "42"},
    {__LINE__, "https://abc@example.com/cgi-bin/mesher.cgi/42", "abc", "42"},
    {__LINE__, "https://abc@[::1]:8443/42/", "abc", "42"},
    {__LINE__, "HTTPS://abc@h//x//", "abc", "x"},
    {__LINE__, "", NULL, NULL},
    {__LINE__, "not a dsn", NULL, NULL},
    {__LINE__, "ftp://abc@h/42", NULL, NULL},
    {__LINE__, "https:abc@h/42", NULL, NULL},
    {__LINE__, "https://h/42", NULL, NULL},
    {__LINE__, "https://@h/42", NULL, NULL},
    {__LINE__, "https://:s@h/42", NULL, NULL},
    {__LINE__, "https://abc@h", NULL, NULL},
    {__LINE__, "https://abc@h/", NULL, NULL},
    {__LINE__, "https://abc@", NULL, NULL},
};

static void
dsns_are_taken_apart(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct dsn d;
        int rc = dsn_parse(unit_exact(str_of(rows[i].text)), &d);

        UNIT_EQ_AT(rows[i].line, rc, (rows[i].key == NULL ? -1 : 0));
        UNIT_AT(rows[i].line, rc != 0 || (unit_is(d.key, rows[i].key) &&
                                          unit_is(d.project, rows[i].project)));
    }
}

static const struct unit_test tests[] = {
    {"dsns_are_taken_apart", dsns_are_taken_apart},
};

const struct unit_suite suite_dsn = {"dsn", tests, COUNT_OF(tests)};
