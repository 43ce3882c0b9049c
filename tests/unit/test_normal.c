#include "base/utf8.h"
#include "event/normal.h"
#include "unit.h"

#define S INT64_C(1000000)
#define LAST (INT64_C(253402300799) * S + 999999)
#define FIRST (INT64_C(-62135596800) * S)
#define NO INT64_MIN

struct time_row {
    int line;
    const char *text;
    int64_t us; /* NO: refused */
};

static void
times_are_read(int (*read)(struct str, int64_t *), const struct time_row *rows,
               size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t us = NO;

        UNIT_EQ_AT(rows[i].line, read(unit_exact(str_of(rows[i].text)), &us),
                   (rows[i].us == NO ? -1 : 0));
        UNIT_EQ_AT(rows[i].line, us, rows[i].us);
    }
}

static void
numbers_are_seconds_or_milliseconds(void)
{
    static const struct time_row rows[] = {
        {__LINE__, "0", 0},
        {__LINE__, "-0", 0},
        {__LINE__, "1700000000", 1700000000 * S},
        {__LINE__, "1700000000.123456", 1700000000 * S + 123456},
        {__LINE__, "1700000000.1234569", 1700000000 * S + 123456},
        {__LINE__, "1700000000.000000000000000000000000001", 1700000000 * S},
        {__LINE__, "1.7e9", 1700000000 * S},
        {__LINE__, "17E+8", 1700000000 * S},
        {__LINE__, "17000000000000e-4", 1700000000 * S},
        {__LINE__, "0.000001", 1},
        {__LINE__, "-0.5", -S / 2},
        {__LINE__, "1e-400", 0},
        {__LINE__, "0e999999999999999999", 0},
        {__LINE__, "1700000000123", 1700000000 * S + 123000},
        {__LINE__, "1700000000123.456", 1700000000 * S + 123456},
        {__LINE__, "100000000000", INT64_C(100000000000) * S},
        {__LINE__, "100000000001", INT64_C(100000000) * S + 1000},
        {__LINE__, "253402300799999.999", LAST},
        {__LINE__, "253402300800000", NO},
        {__LINE__, "-62135596800", FIRST},
        {__LINE__, "-62135596801", NO},
        {__LINE__, "1e300", NO},
        {__LINE__, "-1e300", NO},
        {__LINE__, "1e999999999999999999", NO},
        {__LINE__, "99999999999999999999999999999999", NO},
    };

    times_are_read(normal_time_number, rows, COUNT_OF(rows));
}

static void
texts_are_rfc_3339_or_digits(void)
{
    static const struct time_row rows[] = {
        {__LINE__, "1970-01-01T00:00:00Z", 0},
        {__LINE__, "1970-01-01T00:00:00", 0},
        {__LINE__, "1970-01-01 00:00:01z", S},
        {__LINE__, "2023-11-14t22:13:20.123456789Z", 1700000000 * S + 123456},
        {__LINE__, "2023-11-14T22:13:20.1", 1700000000 * S + 100000},
        {__LINE__, "2026-03-01T12:00:00.123456789+05:30", INT64_C(1772346600123456)},
        {__LINE__, "2023-11-14T22:13:20+0000", 1700000000 * S},
        {__LINE__, "2023-11-14T23:13:20+01", 1700000000 * S},
        {__LINE__, "2023-11-14T21:43:20-00:30", 1700000000 * S},
        {__LINE__, " 2023-11-14T22:13:20Z ", 1700000000 * S},
        {__LINE__, "2000-02-29T00:00:00Z", 951782400 * S},
        {__LINE__, "2024-02-29T00:00:00Z", 1709164800 * S},
        {__LINE__, "1900-02-29T00:00:00Z", NO},
        {__LINE__, "2023-02-29T00:00:00Z", NO},
        {__LINE__, "2023-04-31T00:00:00Z", NO},
        {__LINE__, "2016-12-31T23:59:60Z", 1483228799 * S + 999999},
        {__LINE__, "2016-12-31T23:59:61Z", NO},
        {__LINE__, "0001-01-01T00:00:00Z", FIRST},
        {__LINE__, "0000-12-31T23:59:59Z", NO},
        {__LINE__, "0001-01-01T00:00:00+00:01", NO},
        {__LINE__, "9999-12-31T23:59:59.999999Z", LAST},
        {__LINE__, "9999-12-31T23:59:59-00:01", NO},
        {__LINE__, "1700000000", 1700000000 * S},
        {__LINE__, "1700000000.25", 1700000000 * S + 250000},
        {__LINE__, "1700000000123", 1700000000 * S + 123000},
        {__LINE__, "2026-13-40T25:61:61Z", NO},
        {__LINE__, "2026-00-10T00:00:00Z", NO},
        {__LINE__, "2026-01-00T00:00:00Z", NO},
        {__LINE__, "2026-01-01T24:00:00Z", NO},
        {__LINE__, "2026-01-01T00:60:00Z", NO},
        {__LINE__, "2026-01-01T00:00:00+24:00", NO},
        {__LINE__, "2026-01-01T00:00:00+00:60", NO},
        {__LINE__, "2026-01-01T00:00:00.Z", NO},
        {__LINE__, "2026-01-01T00:00:00 Z", NO},
        {__LINE__, "2026-01-01T00:00:00Zx", NO},
        {__LINE__, "2026-01-01", NO},
        {__LINE__, "2026-1-1T00:00:00Z", NO},
        {__LINE__, "-2026-01-01T00:00:00Z", NO},
        {__LINE__, "yesterday", NO},
        {__LINE__, "", NO},
        {__LINE__, ".", NO},
        {__LINE__, "1.", NO},
        {__LINE__, ".5", NO},
        {__LINE__, "1.2.3", NO},
        {__LINE__, "1e9", NO},
    };

    times_are_read(normal_time_text, rows, COUNT_OF(rows));
}

static void
a_time_cut_anywhere_is_only_read(void)
{
    const struct str all = STR("2026-03-01T12:00:00.123456789+05:30");
    int64_t us;

    for (size_t n = 0; n <= all.n; n++) {
        bool fine = n == 19 || (n >= 21 && n <= 29) || n == 32 || n == 35;

        if (n >= 1 && n <= 4)
            continue; /* seconds since 1970 */
        UNIT_EQ((normal_time_text(unit_exact((struct str){all.p, n}), &us) == 0), fine);
    }
}

static void
levels_have_five_names(void)
{
    static const char *const rows[][2] = {
        {"fatal", "fatal"},
        {"FATAL", "fatal"},
        {"Critical", "fatal"},
        {"error", "error"},
        {"Warning", "warning"},
        {"warn", "warning"},
        {"info", "info"},
        {"log", "info"},
        {"debug", "debug"},
        {"loud", NULL},
        {"", NULL},
        {"errors", NULL},
        {"error ", NULL},
        {"40", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_STR(normal_level(unit_exact(str_of(rows[i][0]))), rows[i][1]);
    UNIT(normal_level(STR("error\0")).p == NULL);
}

static void
cutting_counts_characters(void)
{
    struct str out;

    UNIT(utf8_cut(unit_arena(), unit_exact(STR("12345")), 6, &out) == 0 &&
         unit_is(out, "12345"));
    UNIT(utf8_cut(unit_arena(), unit_exact(STR("123456")), 6, &out) == 0 &&
         unit_is(out, "123456"));
    UNIT(utf8_cut(unit_arena(), unit_exact(STR("1234567")), 6, &out) == 0 &&
         unit_is(out, "123..."));
    UNIT(utf8_cut(unit_arena(), STR("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), 4, &out) == 0 &&
         out.n == 8);
    UNIT(utf8_cut(unit_arena(), STR("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x"), 4, &out) == 0 &&
         unit_is(out, "\xc3\xa9..."));
    UNIT(utf8_cut(unit_arena(), STR_NONE, 4, &out) == 0 && out.p == NULL);
}

static void
a_first_line_is_not_blank(void)
{
    UNIT_STR(normal_first_line(unit_exact(STR("one\ntwo"))), "one");
    UNIT_STR(normal_first_line(unit_exact(STR("\r\n  one \r\ntwo"))), "one");
    UNIT_STR(normal_first_line(unit_exact(STR("one"))), "one");
    UNIT_EQ(normal_first_line(unit_exact(STR(" \n\t"))).n, 0);
    UNIT_EQ(normal_first_line(STR_NONE).n, 0);
}

static void
urls_lose_query_and_fragment(void)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"https://h/x?token=1#f", "https://h/x"},
        {"https://h/#/route", "https://h/"},
        {"GET https://h/x?a=1", "GET https://h/x"},
        {"a https://h?x  b://c#d\te?", "a https://h  b://c\te?"},
        {"/users/(?P<id>[0-9]+)/", "/users/(?P<id>[0-9]+)/"},
        {"what? #1", "what? #1"},
        {"https://h", "https://h"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;

        UNIT_EQ(normal_urls(unit_arena(), unit_exact(str_of(rows[i][0])), &out), 0);
        UNIT_STR(out, rows[i][1]);
    }
    UNIT_STR(normal_url(STR("/x?a#b")), "/x");
    UNIT_STR(normal_url(STR("#b")), "");
}

static const struct unit_test tests[] = {
    {"urls_lose_query_and_fragment", urls_lose_query_and_fragment},
    {"numbers_are_seconds_or_milliseconds", numbers_are_seconds_or_milliseconds},
    {"texts_are_rfc_3339_or_digits", texts_are_rfc_3339_or_digits},
    {"a_time_cut_anywhere_is_only_read", a_time_cut_anywhere_is_only_read},
    {"levels_have_five_names", levels_have_five_names},
    {"cutting_counts_characters", cutting_counts_characters},
    {"a_first_line_is_not_blank", a_first_line_is_not_blank},
};

const struct unit_suite suite_normal = {"normal", tests, COUNT_OF(tests)};
