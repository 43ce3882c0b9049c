#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "grouping/parameterize.h"
#include "unit.h"

static void
becomes(int line, const char *text, const char *wanted)
{
    struct str out;
    struct error e;

    UNIT_EQ(parameterize_text(unit_arena(), unit_exact(str_of(text)), &out, &e), 0);
    if (!str_eq(out, str_of(wanted)))
        (void)printf("line %d: \"%s\" became \"%.*s\"\n", line, text, (int)out.n, out.p);
    UNIT(str_eq(out, str_of(wanted)));
}

struct row {
    int line;
    const char *text, *wanted;
};

static void
check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        becomes(rows[i].line, rows[i].text, rows[i].wanted);
}

#define HEX8 "0a1b2c3d"
#define HEX16 HEX8 HEX8
#define HEX32 HEX16 HEX16
#define HEX128 HEX32 HEX32 HEX32 HEX32

static void
what_has_a_name_on_the_net_goes(void)
{
    static const struct row rows[] = {
        {__LINE__, "mail a@b.example now", "mail <email> now"},
        {__LINE__, "a.b+c@d-e.f, x", "<email>, x"},
        {__LINE__, "@b a@ a@@b", "@b a@ a@@b"},
        {__LINE__, "at https://h/x?y=1#z now", "at <url> now"},
        {__LINE__, "wss://h ftp://h http://h", "<url> <url> <url>"},
        {__LINE__, "http:// xhttp://h", "http:// xhttp://h"},
        {__LINE__, "lookup db1.prod.example.com failed", "lookup <hostname> failed"},
        {__LINE__, "EXAMPLE.COM example.Com", "<hostname> example.Com"},
        {__LINE__, "foo.bar app.comma", "foo.bar app.comma"},
        {__LINE__, "10.0.0.5 256.0.0.1", "<ip> <float>.<float>"},
        {__LINE__, "10.0.0.5:5432", "<ip>:<int>"},
        {__LINE__, "fe80::1 and 2001:db8:0:0:0:0:2:1", "<ip> and <ip>"},
        {__LINE__, "::ffff:10.0.0.1.", "<ip>."},
        {__LINE__, "std::vector x::y ::", "std::vector x::y ::"},
        {__LINE__, "1:2:3:4:5:6:7:8:9",
         "<int>:<int>:<int>:<int>:<int>:<int>:<int>:<int>:<int>"},
    };

    check(rows, COUNT_OF(rows));
}

static void
identifiers_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "00-" HEX32 "-" HEX16 "-01 x", "<traceparent> x"},
        {__LINE__, "1-" HEX8 "-" HEX16 HEX8 " x", "<traceparent> x"},
        {__LINE__, "id 7c1811ed-e98f-4c9c-a9f9-58c757ff494f.", "id <uuid>."},
        {__LINE__, "id 7C1811ED-E98F-4C9C-A9F9-58C757FF494F", "id <uuid>"},
        {__LINE__, HEX32 HEX8, "<hex>"},
        {__LINE__, HEX32, "<hex>"},
        {__LINE__, HEX32 "0", "<hex>"},
        {__LINE__, "0x7ffe10 0X1F 0x", "<hex> <hex> 0x"},
        {__LINE__, "1234567 12345678", "<int> <int>"},
        {__LINE__, HEX8 " 0A1B2C3D 0a1B2c3d", "<hex> <hex> 0a1B2c3d"},
        {__LINE__, "deadbeef", "deadbeef"},
        {__LINE__, HEX128, "<hex>"},
        {__LINE__, HEX128 "0", HEX128 "0"},
        {__LINE__, "at 1a2b3c4 but abcdefa", "at <hex> but abcdefa"},
    };

    check(rows, COUNT_OF(rows));
}

static void
times_go(void)
{
    static const char *const times[] = {
        "2024-02-20T22:16:36Z",
        "2024-02-20 22:16:36.123456+01:00",
        "2024-02-20T22:16:36,5",
        "2024-02-20",
        "2024/02/20",
        "20240220T221636",
        "Tue, 20 Feb 2024 22:16:36 GMT",
        "Tue, 20 Feb 2024 22:16:36 +0100",
        "20 Feb 24 22:16 MST",
        "Tuesday, 20-Feb-24 22:16:36 UTC",
        "Tue Feb 20 22:16:36 2024",
        "Tue Feb  2 22:16:36 2024",
        "Tue Feb 20 22:16:36 MST 2024",
        "Tue Feb 20 22:16:36 -0700 2024",
        "Tue Feb 20 2024 22:16:36 GMT+0100 (Central European Standard Time)",
        "Jan 18, 2019",
        "January 8, 2019",
        "15:04:05",
        "15:04:05.123",
        "9:08",
        "11:21 PM",
        "datetime.datetime(2024, 2, 20, 22, 16)",
    };
    char text[256], wanted[] = "at <date> x";

    for (size_t i = 0; i < COUNT_OF(times); i++) {
        (void)snprintf(text, sizeof text, "at %s x", times[i]);
        becomes(__LINE__, text, wanted);
    }
}

static void
numbers_go_where_they_are_words(void)
{
    static const struct row rows[] = {
        {__LINE__, "User 42 not found", "User <int> not found"},
        {__LINE__, "user_17 a1 1a", "user_17 a1 1a"},
        {__LINE__, "utf-8 -5 x -5.5 5.5 v1.2", "utf-8 <int> x <float> <float> v1.<int>"},
        {__LINE__, "1.2.3", "<float>.<int>"},
        {__LINE__, "1500ms 2s 1.5s 2sec", "<measure> <measure> <measure> <measure>"},
        {__LINE__,
         "n\xc3\xa9"
         "5 \xe2\x82\xac 5",
         "n\xc3\xa9"
         "5 \xe2\x82\xac <int>"},
    };

    check(rows, COUNT_OF(rows));
}

static void
values_behind_an_equals_sign_go(void)
{
    static const struct row rows[] = {
        {__LINE__, "a='x y' b=\"z\" c", "a=<quoted_str> b=<quoted_str> c"},
        {__LINE__, "'x' is not 'y'", "'x' is not 'y'"},
        {__LINE__, "a=' b=", "a=' b="},
        {__LINE__, "ok=true ok=False ok=truely", "ok=<bool> ok=<bool> ok=truely"},
    };

    check(rows, COUNT_OF(rows));
}

static void
files_go_and_routes_stay(void)
{
    static const struct row rows[] = {
        {__LINE__, "No such file: '/srv/app/x.txt'", "No such file: <quoted_str>"},
        {__LINE__, "open /var/lib/x: denied.", "open <path>: denied."},
        {__LINE__, "C:\\Users\\x\\a.txt!", "<path>"},
        {__LINE__, "GET /users/bob/orders", "GET /users/bob/orders"},
        {__LINE__, "a/var/b /var/", "a/var/b /var/"},
    };

    check(rows, COUNT_OF(rows));
}

static void
two_lines_count(void)
{
    static const struct row rows[] = {
        {__LINE__, "first\nsecond 2", "first\nsecond <int>"},
        {__LINE__, "first\n\nsecond", "first\nsecond..."},
        {__LINE__, "first\nsecond\nthird", "first\nsecond..."},
        {__LINE__, "first\n", "first..."},
        {__LINE__, "first\r\nsecond", "first\nsecond..."},
        {__LINE__, "", ""},
        {__LINE__, "\n \t\n5", "<int>..."},
    };

    check(rows, COUNT_OF(rows));
}

/* How many bytes the patterns looked at, of a text made of n times a piece. */
static size_t
work(const char *piece, size_t bytes)
{
    struct buf b = buf_init(2 * bytes);
    struct parameterize s;
    struct str out;

    while (b.n < bytes)
        buf_add_text(&b, piece);
    parameterize_begin(&s, buf_str(&b));
    while (parameterize_next(&s, &out))
        UNIT(out.n > 0);
    buf_release(&b);
    return s.looked_at;
}

/* Sixteen times the text is sixteen times the work, whatever is tried in vain. */
static void
the_work_grows_with_the_text_only(void)
{
    static const char *const pieces[] = {"a",           "a.",        "1",
                                         "1.",          "-1",        "0x",
                                         "a@",          "a-",        "f:",
                                         ":",           "='",        "=\"",
                                         "=",           "/",         "/home/a/",
                                         "http://",     "a1.b2",     "12:30:",
                                         "Mon ",        "Jan ",      "1 Jan ",
                                         "\xc3\xa9",    "1-2-3-",    "{{",
                                         "h",           "00-",       "datetime.datetime(",
                                         "1970-01-01T", "a b ",      "ffff",
                                         "2.",          "a'",        "=\'=\"",
                                         "A-",          "a.com-",    "C:\\",
                                         "a.b@1a2b",    "a.b@1a2b-", "number 1 ",
                                         "(): \"x",     "code 1 "};

    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t less = work(pieces[i], 64 * LIMIT_KIB), more = work(pieces[i], LIMIT_MIB);

        if (more > 17 * less + 4096)
            (void)printf("\"%s\": %zu, %zu\n", pieces[i], less, more);
        UNIT(more <= 17 * less + 4096);
        UNIT(more <= 400 * LIMIT_MIB);
    }
}

static const struct unit_test tests[] = {
    {"what_has_a_name_on_the_net_goes", what_has_a_name_on_the_net_goes},
    {"identifiers_go", identifiers_go},
    {"times_go", times_go},
    {"numbers_go_where_they_are_words", numbers_go_where_they_are_words},
    {"values_behind_an_equals_sign_go", values_behind_an_equals_sign_go},
    {"files_go_and_routes_stay", files_go_and_routes_stay},
    {"two_lines_count", two_lines_count},
    {"the_work_grows_with_the_text_only", the_work_grows_with_the_text_only},
};

const struct unit_suite suite_parameterize = {"parameterize", tests, COUNT_OF(tests)};
