#include <string.h>

#include "base/limits.h"
#include "unit.h"
#include "wire/authkey.h"
#include "wire/query.h"

/* key NULL: refused. */
static const struct {
    int line;
    const char *x_sentry_auth, *authorization, *query, *key;
} rows[] = {
    {__LINE__, "abc", NULL, NULL, "abc"},
    {__LINE__, "  abc ", NULL, NULL, "abc"},
    {__LINE__, "Sentry sentry_key=abc", NULL, NULL, "abc"},
    {__LINE__, "sentry sentry_key=abc, sentry_version=7, sentry_client=raven/1 (x y)",
     NULL, NULL, "abc"},
    {__LINE__, "SENTRY sentry_version=7,sentry_client=sentry.java/7,sentry_key=abc", NULL,
     NULL, "abc"},
    {__LINE__, "Sentry  sentry_key = abc ,", NULL, NULL, "abc"},
    {__LINE__, "Sentry\tsentry_key=abc=rest", NULL, NULL, "abc"},
    {__LINE__, NULL, "Bearer abc", NULL, "abc"},
    {__LINE__, NULL, "bearer   abc ", NULL, "abc"},
    {__LINE__, NULL, "Sentry sentry_key=abc, sentry_version=7", NULL, "abc"},
    {__LINE__, NULL, "abc", NULL, "abc"},
    {__LINE__, NULL, NULL, "sentry_key=abc", "abc"},
    {__LINE__, NULL, NULL, "a=b&sentry_version=7&sentry_key=a%62c&x", "abc"},
    {__LINE__, NULL, NULL, "%73entry_key=abc", "abc"},
    {__LINE__, NULL, "Basic YWJjOg==", "sentry_key=abc", "abc"},
    {__LINE__, "", "", "sentry_key=abc", "abc"},
    {__LINE__, "abc", "", "sentry_key=", "abc"},
    {__LINE__, "abc", "Bearer abc", "sentry_key=abc", "abc"},
    {__LINE__, NULL, NULL, NULL, NULL},
    {__LINE__, "", "", "", NULL},
    {__LINE__, NULL, "Basic YWJjOg==", NULL, NULL},
    {__LINE__, NULL, "Digest x=y", NULL, NULL},
    {__LINE__, NULL, "Bearer", "sentry_key=", NULL},
    {__LINE__, "Sentry", NULL, NULL, NULL},
    {__LINE__, "Sentry sentry_version=7", NULL, "sentry_key=abc", NULL},
    {__LINE__, "Sentry sentry_key=", NULL, NULL, NULL},
    {__LINE__, "Sentry sentry_key", NULL, NULL, NULL},
    {__LINE__, "Sentry sentry_keyx=abc", NULL, NULL, NULL},
    {__LINE__, "abc def", NULL, NULL, NULL},
    {__LINE__, "abc'--", NULL, NULL, NULL},
    {__LINE__, "\xff\xfe", NULL, NULL, NULL},
    {__LINE__, "abc", "Bearer abd", NULL, NULL},
    {__LINE__, "abc", NULL, "sentry_key=ab", NULL},
    {__LINE__, NULL, "abc", "sentry_key=ABC", NULL},
    {__LINE__, NULL, NULL, "sentry_key=a%zzc", NULL},
    {__LINE__, NULL, NULL, "sentry_key=a%6", NULL},
    {__LINE__, NULL, NULL, "sentry_key=a%00c", NULL},
    {__LINE__, NULL, NULL, "sentry_key=a+c", NULL},
    {__LINE__, "abc", NULL, "sentry_key=a%zz", NULL},
    {__LINE__, NULL, NULL, "sentry_ke=abc&sentry_keyy=abc", NULL},
};

static struct str
exact(const char *s)
{
    return s == NULL ? STR_NONE : unit_exact(str_of(s));
}

static void
every_place_is_looked_at_and_must_agree(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct authkey_sources from = {exact(rows[i].x_sentry_auth),
                                             exact(rows[i].authorization),
                                             exact(rows[i].query)};
        struct error e = {.kind = ERROR_NONE};
        struct key k;

        if (rows[i].key != NULL) {
            UNIT_EQ_AT(rows[i].line, authkey_find(&from, &k, &e), 0);
            UNIT_STR_AT(rows[i].line, key_text(&k), rows[i].key);
            continue;
        }
        UNIT_EQ_AT(rows[i].line, authkey_find(&from, &k, &e), -1);
        UNIT_EQ_AT(rows[i].line, e.kind, ERROR_UNAUTHORIZED);
        UNIT_AT(rows[i].line, strcmp(e.text, "unauthorized") == 0 && e.detail[0] != '\0');
    }
}

static void
a_header_cut_anywhere_never_gives_another_key(void)
{
    const struct str all = STR("Sentry sentry_version=7, sentry_key=abcdef");
    struct error e;
    struct key k;

    for (size_t n = 0; n <= all.n; n++) {
        const struct authkey_sources from = {unit_exact((struct str){all.p, n}), STR_NONE,
                                             STR_NONE};

        if (authkey_find(&from, &k, &e) == 0)
            UNIT(str_starts(STR("abcdef"), key_text(&k)) || n < 6);
    }
    UNIT_STR(key_text(&k), "abcdef");
}

static void
long_keys_are_nobodys(void)
{
    char text[9000];
    struct error e;
    struct key k;

    static const char name[11] = "sentry_key=";

    (void)memset(text, 'a', sizeof text);
    for (size_t n = 63; n <= 65; n++) {
        const struct authkey_sources from = {unit_exact((struct str){text, n}), STR_NONE,
                                             STR_NONE};

        UNIT_EQ(authkey_find(&from, &k, &e), (n <= KEY_BYTES ? 0 : -1));
    }
    (void)memcpy(text, name, sizeof name);
    for (size_t n = 11 + 63; n <= 11 + 65; n++) {
        const struct authkey_sources from = {STR_NONE, STR_NONE,
                                             unit_exact((struct str){text, n})};

        UNIT_EQ(authkey_find(&from, &k, &e), (n - 11 <= KEY_BYTES ? 0 : -1));
    }
    UNIT_EQ(
        authkey_find(&(struct authkey_sources){STR_NONE, STR_NONE, {text, sizeof text}},
                     &k, &e),
        -1);
}

static void
query_values_are_decoded(void)
{
    const struct str query = unit_exact(STR("&&a=1&b=x+y%2Fz&a=2&c&d==&%65=e&f=%"));
    char out[8];

    UNIT(query_value(query, STR("a"), out, 8) == 1 && out[0] == '1');
    UNIT(query_value(query, STR("b"), out, 8) == 5 && memcmp(out, "x y/z", 5) == 0);
    UNIT(query_value(query, STR("c"), out, 8) == 0);
    UNIT(query_value(query, STR("d"), out, 8) == 1 && out[0] == '=');
    UNIT(query_value(query, STR("e"), out, 8) == 1 && out[0] == 'e');
    UNIT(query_value(query, STR("f"), out, 8) == -1);
    UNIT(query_value(query, STR("g"), out, 8) == -1);
    UNIT(query_value(STR_NONE, STR("a"), out, 8) == -1);
    UNIT(query_value(query, STR("b"), out, 4) == -1);
    UNIT(query_value(query, STR("b"), out, 5) == 5);
}

static void
query_values_are_limited(void)
{
    char query[2 + LIMIT_QUERY_VALUE_BYTES + 1], out[2 * LIMIT_QUERY_VALUE_BYTES];
    const size_t max = LIMIT_QUERY_VALUE_BYTES;

    (void)memset(query, 'x', sizeof query);
    query[1] = '=';
    for (size_t n = max - 1; n <= max + 1; n++)
        UNIT(query_value(unit_exact((struct str){query, 2 + n}), STR("x"), out,
                         sizeof out) == (n <= max ? (int)n : -1));
}

static const struct unit_test tests[] = {
    {"every_place_is_looked_at_and_must_agree", every_place_is_looked_at_and_must_agree},
    {"a_header_cut_anywhere_never_gives_another_key",
     a_header_cut_anywhere_never_gives_another_key},
    {"long_keys_are_nobodys", long_keys_are_nobodys},
    {"query_values_are_decoded", query_values_are_decoded},
    {"query_values_are_limited", query_values_are_limited},
};

const struct unit_suite suite_authkey = {"authkey", tests, COUNT_OF(tests)};
