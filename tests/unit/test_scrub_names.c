#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "scrub/scrub_keys.h"
#include "scrub/scrub_names.h"
#include "unit.h"

static unsigned
bits(const char *own, const char *name)
{
    struct scrub_names *n = scrub_names_new(str_of(own));
    unsigned found;

    UNIT(n != NULL);
    found = scrub_names_find(n, unit_exact(str_of(name)));
    scrub_names_free(n);
    return found;
}

static void
names_of_secrets_are_known(void)
{
    static const char *const names[] = {
        /* The list of Sentry's documentation, now and before. */
        "password", "secret", "passwd", "api_key", "apikey", "auth", "credentials",
        "mysql_pwd", "privatekey", "private_key", "token", "bearer", "access_token",
        "stripetoken", "stripeToken", "card[number]", "github_token",
        /* Its other names. */
        "otp", "two_factor", "two-factor", "csrf", "_csrf", "csrf_token", "XSRF-TOKEN",
        "csrfmiddlewaretoken", "sessionid", "PHPSESSID", "JSESSIONID", "session_id",
        "sentrysid", "connect.sid", "_vercel_jwt", "user_session_key",
        /* However they are written. */
        "PASSWORD", "Authorization", "Proxy-Authorization", "X-Api-Key", "apiKey",
        "API KEY", "HTTP_AUTHORIZATION", "oldPassword", "password_confirmation", "pass",
        "db_pass", "dbPass", "DB_PASS", "userPwd", "pwd", "aws_secret_access_key",
        "AWSAccessKeyId", "AccountKey", "is_authenticated", "oauth", "authorized",
        "clientSecret", "X-Amz-Signature", "tokenId", "tokens", "user[password]",
        "credit_card", "cvv", "ssn", "p%61ssword", "user%5Bpassword%5D", "p\\u0061ssword",
        "pass%77ord", "\xc3\xa9password\xc3\xa9"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if ((bits("", names[i]) & SCRUB_NAME_SECRET) == 0)
            (void)printf("not known: %s\n", names[i]);
        UNIT((bits("", names[i]) & SCRUB_NAME_SECRET) != 0);
    }
}

static void
other_names_are_not(void)
{
    static const char *const names[] = {"",
                                        "-",
                                        "a",
                                        "name",
                                        "author",
                                        "authors",
                                        "author_id",
                                        "Authority",
                                        "coauthor",
                                        "secretary",
                                        "tokenizer",
                                        "tokenize",
                                        "bypass",
                                        "compass",
                                        "passed",
                                        "pass_count",
                                        "passenger",
                                        "key",
                                        "keyboard",
                                        "primary_key",
                                        "otps",
                                        "hotpot",
                                        "sidebar",
                                        "inside",
                                        "session",
                                        "cookie_consent",
                                        "pwdx",
                                        "filename",
                                        "function",
                                        "lineno",
                                        "abs_path",
                                        "event_id",
                                        "trace_id",
                                        "timestamp",
                                        "release",
                                        "environment",
                                        "context_line",
                                        "user",
                                        "email",
                                        "ip",
                                        "url",
                                        "cash",
                                        "signal",
                                        "%",
                                        "%zz",
                                        "\\",
                                        "\\u00",
                                        "%6",
                                        "\\u0161"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if ((bits("", names[i]) & SCRUB_NAME_SECRET) != 0)
            (void)printf("known: %s\n", names[i]);
        UNIT_EQ((bits("", names[i]) & SCRUB_NAME_SECRET), 0);
    }
}

static void
some_names_say_more(void)
{
    UNIT((bits("", "max_tokens") & SCRUB_NAME_COUNTS) != 0);
    UNIT((bits("", "token") & SCRUB_NAME_COUNTS) == 0);
    UNIT((bits("", "Cookie") & SCRUB_NAME_COOKIES) != 0);
    UNIT((bits("", "cookies") & SCRUB_NAME_COOKIES) != 0);
    UNIT((bits("", "HTTP_COOKIE") & SCRUB_NAME_COOKIES) != 0);
    UNIT_EQ((bits("", "cookie_name") & SCRUB_NAME_COOKIES), 0);
    UNIT((bits("", "ip_address") & SCRUB_NAME_ADDRESS) != 0);
    UNIT((bits("", "REMOTE_ADDR") & SCRUB_NAME_ADDRESS) != 0);
    UNIT((bits("", "X-Forwarded-For") & SCRUB_NAME_ADDRESS) != 0);
    UNIT((bits("", "userIp") & SCRUB_NAME_ADDRESS) != 0);
    UNIT_EQ((bits("", "zip") & SCRUB_NAME_ADDRESS), 0);
    /* Before the colon of a sentence a name must be the last word. */
    UNIT((bits("", "password") & SCRUB_NAME_PROSE) != 0);
    UNIT_EQ((bits("", "password_reset") & SCRUB_NAME_PROSE), 0);
    UNIT_EQ((bits("", "TokenExpiredError") & SCRUB_NAME_PROSE), 0);
    UNIT_EQ((bits("", "oauth") & SCRUB_NAME_PROSE), 0);
    UNIT((bits("", "authorization") & SCRUB_NAME_HEADER) != 0);
}

static void
a_project_has_names_of_its_own(void)
{
    UNIT_EQ(bits("", "mysekret"), 0);
    UNIT((bits("mysekret", "the_mysekret_x") & SCRUB_NAME_SECRET) != 0);
    UNIT((bits("a1b2c3,my-sekret", "MySekret") & SCRUB_NAME_SECRET) != 0);
    UNIT((bits("a1b2c3,my-sekret", "A1B2C3") & SCRUB_NAME_SECRET) != 0);
    UNIT_EQ(bits("a1b2c3,my-sekret", "a1b2c"), 0);
    UNIT((bits("a1b2c3", "password") & SCRUB_NAME_SECRET) != 0);
    UNIT((bits("\xd0\xbf\xd0\xb0\xd1\x80", "x\xd0\xbf\xd0\xb0\xd1\x80") &
          SCRUB_NAME_SECRET) != 0);
    UNIT_EQ(bits(",,--,", "x"), 0);
    /* One that is the beginning or the end of another. */
    UNIT((bits("abcd,bc,bcx", "abcx") & SCRUB_NAME_SECRET) != 0);
    UNIT((bits("abcd,bcx", "abcx") & SCRUB_NAME_SECRET) != 0);
    UNIT_EQ(bits("abcd,bcx", "abc"), 0);
}

static void
the_longest_lists_fit(void)
{
    struct buf b = buf_init(2 * LIMIT_KIB);
    struct scrub_names *n;

    while (b.n < LIMIT_SCRUB_LIST_BYTES)
        buf_add_f(&b, "%c%zu,", 'a' + (char)(b.n % 26), b.n);
    b.n = LIMIT_SCRUB_LIST_BYTES;
    n = scrub_names_new(buf_str(&b));
    UNIT(n != NULL);
    UNIT(scrub_names_find(n, STR("a0")) != 0);
    scrub_names_free(n);
    buf_release(&b);
    scrub_names_free(NULL);
}

static void
what_is_remembered_is_what_was_found(void)
{
    static const char *const names[] = {"a",
                                        "b",
                                        "ab",
                                        "abc",
                                        "abcd",
                                        "abcde",
                                        "password",
                                        "passwore",
                                        "filename",
                                        "function",
                                        "pre_context",
                                        "a_name_of_31_bytes_abcdefghijklm",
                                        "a_name_of_32_bytes_with_passwordx",
                                        "token",
                                        "tokem",
                                        "user-agent",
                                        "me",
                                        "em"};
    struct scrub_names *n = scrub_names_new(STR_NONE);
    struct scrub_keys *k = arena_get(unit_arena(), sizeof *k);
    size_t first = 0, again = 0;

    UNIT(n != NULL && k != NULL);
    scrub_keys_init(k, n, STR("me,token"));
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            struct str name = unit_exact(str_of(names[i]));
            struct scrub_key key = scrub_keys_find(k, name, round == 0 ? &first : &again);

            UNIT_EQ((key.what & SCRUB_NAME_SECRET),
                    (scrub_names_find(n, name) & SCRUB_NAME_SECRET));
            UNIT_EQ(((key.what & SCRUB_KEY_SAFE) != 0),
                    (str_eq(name, STR("me")) || str_eq(name, STR("token"))));
        }
    UNIT(again < first);
    UNIT_EQ(scrub_keys_find(k, STR("pre_context"), &again).mode, SCRUB_SOURCE);
    UNIT_EQ(scrub_keys_find(k, STR("filename"), &again).mode, SCRUB_CODE);
    UNIT((scrub_keys_find(k, STR("User-Agent"), &again).what & SCRUB_KEY_AGENT) != 0);
    scrub_names_free(n);
}

static const struct unit_test tests[] = {
    {"names_of_secrets_are_known", names_of_secrets_are_known},
    {"other_names_are_not", other_names_are_not},
    {"some_names_say_more", some_names_say_more},
    {"a_project_has_names_of_its_own", a_project_has_names_of_its_own},
    {"the_longest_lists_fit", the_longest_lists_fit},
    {"what_is_remembered_is_what_was_found", what_is_remembered_is_what_was_found},
};

const struct unit_suite suite_scrub_names = {"scrub_names", tests, COUNT_OF(tests)};
