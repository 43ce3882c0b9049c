#include <stdio.h>
#include <string.h>

#include "install/install.h"
#include "unit.h"

#define GOOD                                                                            \
    "token=t&host=db&port=5432&database=d&user=u&password=p&sslmode=prefer&project=web" \
    "&url=https://h/m.cgi"

static void
a_good_form_has_nothing_wrong(void)
{
    struct install in;

    UNIT(install_read(&in, unit_exact(STR(GOOD))));
    UNIT_STR(str_of(in.value[INSTALL_URL]), "https://h/m.cgi");
    UNIT(install_read(&in,
                      unit_exact(STR("token=t&host=&port=&database=d&user=u"
                                     "&sslmode=require&project=w%20x&url=http://h"))));
    UNIT_STR(str_of(in.value[INSTALL_PROJECT]), "w x");
}

/* Is this value taken for this field, in a form where the others are good? */
static bool
is_taken(enum install_field field, const char *name, const char *value)
{
    static char form[2000];
    struct install in;
    bool good;

    /* Of a name that is given twice the first counts. */
    (void)snprintf(form, sizeof form, "%s=%s&" GOOD, name, value);
    good = install_read(&in, unit_exact(str_of(form)));
    for (int f = 0; f < N_INSTALL_FIELDS; f++)
        UNIT((in.wrong[f][0] != '\0') == (!good && f == (int)field));
    return good;
}

static const char *
letters(size_t n)
{
    static char text[400];

    (void)memset(text, 'x', n);
    text[n] = '\0';
    return text;
}

static void
limits_hold(void)
{
    static const struct {
        int line;
        enum install_field field;
        const char *name;
        size_t most;
    } rows[] = {
        {__LINE__, INSTALL_HOST, "host", 255},
        {__LINE__, INSTALL_DATABASE, "database", 63},
        {__LINE__, INSTALL_USER, "user", 63},
        {__LINE__, INSTALL_PASSWORD, "password", 255},
        {__LINE__, INSTALL_PROJECT, "project", 64},
        {__LINE__, INSTALL_TOKEN, "token", 64},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UNIT_AT(rows[i].line,
                is_taken(rows[i].field, rows[i].name, letters(rows[i].most - 1)));
        UNIT_AT(rows[i].line,
                is_taken(rows[i].field, rows[i].name, letters(rows[i].most)));
        UNIT_AT(rows[i].line,
                !is_taken(rows[i].field, rows[i].name, letters(rows[i].most + 1)));
    }
    UNIT(is_taken(INSTALL_PORT, "port", "65535") &&
         !is_taken(INSTALL_PORT, "port", "65536"));
    UNIT(is_taken(INSTALL_PORT, "port", "1") && !is_taken(INSTALL_PORT, "port", "0"));
}

static void
what_does_harm_is_not_taken(void)
{
    UNIT(!is_taken(INSTALL_USER, "user", "a%00b") &&
         !is_taken(INSTALL_USER, "user", "a%0ab"));
    UNIT(!is_taken(INSTALL_USER, "user", "%zz") && !is_taken(INSTALL_USER, "user", ""));
    UNIT(!is_taken(INSTALL_SSLMODE, "sslmode", "verify") &&
         !is_taken(INSTALL_PROJECT, "project", "7"));
    UNIT(!is_taken(INSTALL_URL, "url", "https:///x") &&
         !is_taken(INSTALL_URL, "url", "x"));
    UNIT(!is_taken(INSTALL_URL, "url", "http://a%40b") &&
         !is_taken(INSTALL_URL, "url", "http://a'b"));
}

static void
values_are_quoted_for_libpq(void)
{
    struct install in = {.failed = ""};
    struct buf out = buf_init(1000);

    (void)snprintf(in.value[INSTALL_DATABASE], INSTALL_VALUE_BYTES, "d");
    (void)snprintf(in.value[INSTALL_PASSWORD], INSTALL_VALUE_BYTES, "it's a \\ host=x");
    install_conninfo(&in, &out);
    UNIT_STR(buf_str(&out), "dbname='d' password='it\\'s a \\\\ host=x'");
    buf_release(&out);
}

static void
the_token_is_made_once_and_compared_whole(void)
{
    char first[65], second[65];
    struct error e;

    UNIT(install_token(unit_dir(), first, &e) == 0 && strlen(first) == 32);
    UNIT(install_token(unit_dir(), second, &e) == 0 && strcmp(first, second) == 0);
    UNIT(install_token_is(first, second));
    second[31] = second[31] == '0' ? '1' : '0';
    UNIT(!install_token_is(first, second) && !install_token_is(first, ""));
    second[31] = '\0';
    UNIT(!install_token_is(first, second) && !install_token_is("", ""));
}

static const struct unit_test tests[] = {
    {"a_good_form_has_nothing_wrong", a_good_form_has_nothing_wrong},
    {"limits_hold", limits_hold},
    {"what_does_harm_is_not_taken", what_does_harm_is_not_taken},
    {"values_are_quoted_for_libpq", values_are_quoted_for_libpq},
    {"the_token_is_made_once_and_compared_whole",
     the_token_is_made_once_and_compared_whole},
};

const struct unit_suite suite_install = {"install", tests, COUNT_OF(tests)};
