#include "event/normal.h"

#include <stdbool.h>
#include <string.h>

#include "base/budget.h"
#include "base/utf8.h"

#define SECOND_US INT64_C(1000000)
#define FIRST_US (INT64_C(-62135596800) * SECOND_US)  /* 0001-01-01T00:00:00 */
#define BEHIND_US (INT64_C(253402300800) * SECOND_US) /* 10000-01-01T00:00:00 */
#define MILLISECONDS_FROM (INT64_C(100000000000) * SECOND_US)

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int
in_range(int64_t us, int64_t *out)
{
    if (us < FIRST_US || us >= BEHIND_US)
        return -1;
    *out = us;
    return 0;
}

/* A decimal number: digits * 10^power.  Digits after the 18th are dropped. */
struct decimal {
    bool negative;
    int64_t digits, power;
};

static struct decimal
read_decimal(struct str s)
{
    struct decimal d = {.negative = s.n > 0 && s.p[0] == '-'};
    size_t i = d.negative ? 1 : 0;
    bool fraction = false, down;
    int64_t exponent = 0;

    for (; i < s.n && (is_digit(s.p[i]) || s.p[i] == '.'); i++) {
        if (s.p[i] == '.') {
            fraction = true;
            continue;
        }
        if (d.digits < INT64_C(100000000000000000)) {
            d.digits = d.digits * 10 + (s.p[i] - '0');
            d.power -= fraction ? 1 : 0;
        } else {
            d.power += fraction ? 0 : 1;
        }
    }
    if (i == s.n)
        return d;
    i++; /* the e */
    down = s.p[i] == '-';
    if (!is_digit(s.p[i]))
        i++;
    for (; i < s.n; i++)
        if (exponent < 100000000)
            exponent = exponent * 10 + (s.p[i] - '0');
    d.power += down ? -exponent : exponent;
    return d;
}

/* Sets *out to digits * 10^(power + shift), truncated to an integer.  Returns false when
 * that does not fit. */
static bool
scale(const struct decimal *d, int shift, int64_t *out)
{
    int64_t v = d->digits, power = d->power + shift;

    for (; power < 0 && v != 0; power++)
        v /= 10;
    for (; power > 0 && v != 0; power--)
        if (__builtin_mul_overflow(v, 10, &v))
            return false;
    *out = v;
    return true;
}

int
normal_time_number(struct str number, int64_t *out)
{
    struct decimal d = read_decimal(number);
    int64_t us = 0;

    if (!scale(&d, 6, &us) || us > MILLISECONDS_FROM)
        if (!scale(&d, 3, &us))
            return -1;
    return in_range(d.negative ? -us : us, out);
}

/* Parses exactly n digits of *s as a number up to max, and cuts them off. */
static bool
take_digits(struct str *s, size_t n, int max, int *out)
{
    int v = 0;

    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s->p[i]))
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = (struct str){s->p + n, s->n - n};
    *out = v;
    return v <= max;
}

/* Cuts off one character when it is one of set. */
static bool
take_char(struct str *s, const char *set)
{
    if (s->n == 0 || s->p[0] == '\0' || strchr(set, s->p[0]) == NULL)
        return false;
    *s = (struct str){s->p + 1, s->n - 1};
    return true;
}

/* Returns the days since 1970 of a Gregorian date, counting years from March. */
static int64_t
days_of(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int era = y / 400, of_era = y % 400;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return INT64_C(146097) * era + INT64_C(365) * of_era + of_era / 4 - of_era / 100 +
           of_year - 719468;
}

static bool
take_date(struct str *s, int64_t *days)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, length;

    if (!take_digits(s, 4, 9999, &year) || !take_char(s, "-") ||
        !take_digits(s, 2, 12, &month) || !take_char(s, "-") ||
        !take_digits(s, 2, 31, &day) || year < 1 || month < 1 || day < 1)
        return false;
    length = lengths[month - 1];
    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        length = 29;
    *days = days_of(year, month, day);
    return day <= length;
}

static bool
take_clock(struct str *s, int64_t *us)
{
    int hour, minute, second;
    int64_t fraction = 0, unit = SECOND_US / 10;

    if (!take_digits(s, 2, 23, &hour) || !take_char(s, ":") ||
        !take_digits(s, 2, 59, &minute) || !take_char(s, ":") ||
        !take_digits(s, 2, 60, &second))
        return false;
    if (take_char(s, ".")) {
        if (s->n == 0 || !is_digit(s->p[0]))
            return false;
        for (; s->n > 0 && is_digit(s->p[0]); unit /= 10) {
            fraction += unit * (s->p[0] - '0');
            *s = (struct str){s->p + 1, s->n - 1};
        }
    }
    if (second == 60) {
        second = 59;
        fraction = SECOND_US - 1;
    }
    *us = (INT64_C(3600) * hour + INT64_C(60) * minute + second) * SECOND_US + fraction;
    return true;
}

/* Parses Z, an offset, or nothing, up to the end. */
static bool
take_zone(struct str s, int64_t *us)
{
    int hours, minutes = 0;
    bool east = s.n > 0 && s.p[0] == '+';

    *us = 0;
    if (s.n == 0 || (take_char(&s, "Zz") && s.n == 0))
        return true;
    if (!take_char(&s, "+-") || !take_digits(&s, 2, 23, &hours))
        return false;
    if (s.n > 0) {
        (void)take_char(&s, ":");
        if (!take_digits(&s, 2, 59, &minutes))
            return false;
    }
    *us = (INT64_C(3600) * hours + INT64_C(60) * minutes) * SECOND_US;
    if (!east)
        *us = -*us;
    return s.n == 0;
}

static bool
is_plain_number(struct str s)
{
    bool dot = false;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && !dot && i > 0 && i + 1 < s.n)
            dot = true;
        else if (!is_digit(s.p[i]))
            return false;
    }
    return s.n > 0;
}

int
normal_time_text(struct str text, int64_t *out)
{
    struct str s = str_trim(text);
    int64_t days, clock_us, zone_us;

    if (is_plain_number(s))
        return normal_time_number(s, out);
    if (!take_date(&s, &days) || !take_char(&s, "Tt ") || !take_clock(&s, &clock_us) ||
        !take_zone(s, &zone_us))
        return -1;
    return in_range(days * 86400 * SECOND_US + clock_us - zone_us, out);
}

struct level {
    const char *name, *level;
};

static struct str
find_level(const struct level *levels, size_t count, struct str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(text, str_of(levels[i].name)))
            return str_of(levels[i].level);
    return STR_NONE;
}

struct str
normal_level(struct str text)
{
    static const struct level levels[] = {
        {"fatal", "fatal"},  {"critical", "fatal"}, {"error", "error"},
        {"warn", "warning"}, {"info", "info"},      {"warning", "warning"},
        {"log", "info"},     {"debug", "debug"},
    };

    return find_level(levels, COUNT_OF(levels), text);
}

struct str
normal_level_sentry(struct str text)
{
    static const struct level levels[] = {
        {"10", "debug"},    {"20", "info"},         {"30", "warning"}, {"40", "error"},
        {"50", "fatal"},    {"trace", "debug"},     {"err", "error"},  {"notice", "info"},
        {"alert", "fatal"}, {"emergency", "fatal"},
    };
    struct str level = normal_level(text);

    return level.p != NULL ? level : find_level(levels, COUNT_OF(levels), text);
}

static bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
normal_first_line(struct str text)
{
    size_t n = 0;

    while (text.n > 0 && is_blank(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    while (n > 0 && is_blank(text.p[n - 1]))
        n--;
    text.n = n;
    return text;
}

/* Returns whether text contains one of the characters in set, or is one of the words. */
static bool
is_barred(struct str text, const char *set, const char *const words[])
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\0' && strchr(set, text.p[i]) != NULL)
            return true;
    for (size_t i = 0; words[i] != NULL; i++)
        if (str_eq(text, str_of(words[i])))
            return true;
    return false;
}

bool
normal_is_release(struct str text)
{
    static const char *const words[] = {".", "..", "latest", NULL};

    return !is_barred(text, "/\\\r\n\t\f", words);
}

bool
normal_is_environment(struct str text)
{
    static const char *const words[] = {"none", NULL};

    return !is_barred(text, "/\r\n\f", words);
}

struct str
normal_url(struct str url)
{
    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] == '?' || url.p[i] == '#')
            return (struct str){url.p, i};
    return url;
}

/* Returns the length of the word at the start of s. */
static size_t
word_length(struct str s)
{
    size_t n = 0;

    while (n < s.n && !is_blank(s.p[n]))
        n++;
    return n;
}

int
normal_urls(struct arena *a, struct str text, struct str *out)
{
    char *copy;
    size_t n = 0;

    *out = text;
    budget_spend(text.n);
    if (text.n == 0 || memmem(text.p, text.n, "://", 3) == NULL)
        return 0;
    copy = arena_get(a, text.n);
    if (copy == NULL)
        return -1;
    while (text.n > 0) {
        struct str word = {text.p, word_length(text)}, kept = word;

        if (word.n > 0 && memmem(word.p, word.n, "://", 3) != NULL)
            kept = normal_url(word);
        if (word.n == 0) /* a blank */
            word.n = kept.n = 1;
        (void)memcpy(copy + n, kept.p, kept.n);
        n += kept.n;
        text = (struct str){text.p + word.n, text.n - word.n};
    }
    *out = (struct str){copy, n};
    return 0;
}
