#include <string.h>

#include "base/buf.h"
#include "unit.h"
#include "wire/sentryauth.h"

/* key NULL: nobody says one; "": refused. */
static const struct {
    int line;
    const char *x_sentry_auth, *authorization, *query, *key;
} rows[] = {
    {__LINE__, NULL, NULL, NULL, NULL},
    {__LINE__, "", "", "", NULL},
    {__LINE__, "Sentry sentry_key=abc, sentry_version=7", NULL, NULL, "abc"},
    {__LINE__, "sentry sentry_key = abc ,foo=bar,", NULL, NULL, "abc"},
    {__LINE__, "Sentry sentry_version=7,sentry_client=a/1 (b),sentry_key=abc", NULL, NULL,
     "abc"},
    {__LINE__, "Sentry sentry_key=abc=rest", NULL, NULL, "abc"},
    {__LINE__, "abc", NULL, NULL, "abc"},
    {__LINE__, "a b", NULL, NULL, NULL},
    {__LINE__, NULL, "Sentry sentry_key=abc", NULL, "abc"},
    {__LINE__, NULL, "Basic YWJjOg==", NULL, "abc"},
    {__LINE__, NULL, "Basic YWJj", NULL, "abc"},
    {__LINE__, NULL, "basic YWJjOnNlY3JldA==", NULL, "abc"},
    {__LINE__, NULL, "Basic YUBiOng=", NULL, NULL},
    {__LINE__, NULL, "Basic !", "sentry_key=abc", "abc"},
    {__LINE__, NULL, "Bearer xyz", "sentry_key=abc", "abc"},
    {__LINE__, NULL, "Bearer xyz", NULL, NULL},
    {__LINE__, NULL, NULL, "x=1&sentry_key=a%62c&sentry_version=7", "abc"},
    {__LINE__, "Sentry sentry_key=abc", "Basic YWJjOg==", "sentry_key=abc", "abc"},
    {__LINE__, "Sentry sentry_key=abc", NULL, "sentry_key=abd", ""},
    {__LINE__, "Sentry sentry_version=7", NULL, NULL, ""},
    {__LINE__, "Sentry sentry_version=7", NULL, "sentry_key=abc", ""},
    {__LINE__, "Sentry sentry_key=", NULL, NULL, ""},
    {__LINE__, "Sentry", NULL, NULL, ""},
    {__LINE__, "Sentry sentry_key=a-b", NULL, NULL, ""},
    {__LINE__, NULL, NULL, "sentry_key=a-b", ""},
    {__LINE__, NULL, NULL, "sentry_key=%zz", ""},
    {__LINE__, NULL, NULL, "sentry_key=", NULL},
    {__LINE__, "Sentry sentry_key=abc, sentry_version=x", NULL, NULL, ""},
    {__LINE__, "Sentry sentry_key=abc, sentry_version=7.9", NULL, NULL, "abc"},
    {__LINE__, "Sentry sentry_key=abc, sentry_version=2.0", NULL, NULL, "abc"},
    {__LINE__, "Sentry sentry_key=abc, sentry_version=8", NULL, NULL, ""},
    {__LINE__, NULL, NULL, "sentry_key=abc&sentry_version=8", ""},
};

static void
keys_are_found_where_they_may_be(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct authkey_sources from = {str_of(rows[i].x_sentry_auth),
                                             str_of(rows[i].authorization),
                                             str_of(rows[i].query)};
        const char *key = rows[i].key;
        struct sentryauth a;
        struct error e;
        int rc = sentryauth_find(&from, &a, &e);

        UNIT_EQ_AT(rows[i].line, rc, (key != NULL && key[0] == '\0' ? -1 : 0));
        UNIT_AT(rows[i].line, rc != 0 || a.has_key == (key != NULL));
        UNIT_AT(rows[i].line, rc != 0 || key == NULL || unit_is(key_text(&a.key), key));
    }
}

static void
versions_over_7_are_malformed(void)
{
    const struct authkey_sources from = {
        .x_sentry_auth = STR("Sentry sentry_key=abc, sentry_version=8")};
    struct sentryauth a;
    struct error e;

    UNIT(sentryauth_find(&from, &a, &e) == -1 && e.kind == ERROR_MALFORMED);
    UNIT_STR(str_of(e.text), "unsupported protocol version (8)");
}

static void
pythons_and_times_are_noticed(void)
{
    static const struct {
        const char *client;
        bool python;
    } clients[] = {{"raven-python/6.10.0", true},
                   {"sentry-python/0.9", true},
                   {"sentry.python/2.0", false},
                   {"sentry.javascript.node/8", false}};

    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        struct authkey_sources from = {.query = STR_NONE};
        struct buf b = buf_init(200);
        struct sentryauth a;
        struct error e;

        buf_add_f(
            &b, "Sentry sentry_timestamp=1329096377.75, sentry_client=%s,sentry_key=abc",
            clients[i].client);
        from.x_sentry_auth = buf_str(&b);
        UNIT(sentryauth_find(&from, &a, &e) == 0 && a.python == clients[i].python);
        UNIT_STR(a.timestamp, "1329096377.75");
        buf_release(&b);
    }
}

static void
a_text_of_any_length_does_no_harm(void)
{
    for (size_t n = 0; n < 600; n += 37) {
        struct authkey_sources from = {.query = STR_NONE};
        struct buf b = buf_init(2000);
        struct sentryauth a;
        struct error e;

        buf_add_text(&b, "Sentry sentry_key=abc, sentry_timestamp=");
        for (size_t i = 0; i < n; i++)
            buf_add_char(&b, '1');
        from.x_sentry_auth = unit_exact(buf_str(&b));
        UNIT_EQ(sentryauth_find(&from, &a, &e), 0);
        UNIT_EQ(a.timestamp.n, (n <= SENTRYAUTH_TEXT_BYTES ? n : 0));
        buf_release(&b);
    }
}

static const struct unit_test tests[] = {
    {"keys_are_found_where_they_may_be", keys_are_found_where_they_may_be},
    {"versions_over_7_are_malformed", versions_over_7_are_malformed},
    {"pythons_and_times_are_noticed", pythons_and_times_are_noticed},
    {"a_text_of_any_length_does_no_harm", a_text_of_any_length_does_no_harm},
};

const struct unit_suite suite_sentryauth = {"sentryauth", tests, COUNT_OF(tests)};
