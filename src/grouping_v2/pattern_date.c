#include <string.h>

#include "base/str.h"
#include "grouping_v2/pattern.h"

#define NAME_MIN 3U
#define ZONE_MAX 5

/*
 * The formats of times.  These letters have a meaning in a form; all other characters
 * match themselves:
 *   w  a weekday's name, short or long     m  a month's name, short or long
 *   2  two digits   4  four digits         1  one digit or two, or a blank and a digit
 *   f  an optional fraction                z  an optional zone
 *   p  am or pm     o  an offset           n  the name of a zone
 * The first form that matches and ends where a word ends is used, so longer ones come
 * first.
 */
static const char *const forms[] = {
    /* RFC 3339 and similar formats */
    "4-2-2T2:2:2fz", "4-2-2 2:2:2fz", "4-2-2T2:2z", "4-2-2 2:2z", "4-2-2",
    "4/2/2 2:2:2fz", "4/2/2", "422T222fz",
    /* RFC 822, 1123, 850; with and without the weekday */
    "w, 1 m 4 2:2:2z", "w, 1 m 2 2:2:2z", "w, 1 m 4 2:2z", "w, 1 m 2 2:2z",
    "w, 1-m-4 2:2:2z", "w, 1-m-2 2:2:2z", "1 m 4 2:2:2z", "1 m 2 2:2:2z", "1 m 4 2:2z",
    "1 m 2 2:2z", "1-m-4 2:2:2z", "1/m/4:2:2:2z",
    /* JavaScript, ctime and similar */
    "w m 1 4 2:2:2z", "w m 1 2:2:2 n 4", "w m 1 2:2:2 o 4", "w m 1 2:2:2 4", "w m 1 4",
    "m 1, 4 1:2:2 p", "m 1, 4, 1:2:2 p", "m 1, 4", "m 1 2:2:2f", "1 m 4", "1-m-4",
    "2/2/4 2:2:2fz", "2/2/4",
    /* a time of day */
    "1:2:2 p", "1:2:2p", "1:2 p", "1:2p", "2:2:2fz", "1:2:2f", "1:2"};

/* Names that may be shortened to their first three letters. */
static const struct str weekdays[] = {
    STR_INIT("Monday"), STR_INIT("Tuesday"),  STR_INIT("Wednesday"), STR_INIT("Thursday"),
    STR_INIT("Friday"), STR_INIT("Saturday"), STR_INIT("Sunday")};
static const struct str months[] = {
    STR_INIT("January"), STR_INIT("February"), STR_INIT("March"),
    STR_INIT("April"),   STR_INIT("May"),      STR_INIT("June"),
    STR_INIT("July"),    STR_INIT("August"),   STR_INIT("September"),
    STR_INIT("October"), STR_INIT("November"), STR_INIT("December")};

/* Returns the end of one of these names at p, or NULL. */
static const char *
name(const char *p, const char *end, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t left = (size_t)(end - p);

        if (left < NAME_MIN || memcmp(p, names[i].p, NAME_MIN) != 0)
            continue;
        if (left >= names[i].n && memcmp(p, names[i].p, names[i].n) == 0)
            return p + names[i].n;
        return p + NAME_MIN;
    }
    return NULL;
}

static const char *
digits(const char *p, const char *end, int count)
{
    for (int i = 0; i < count; i++)
        if (p + i == end || !ascii_is_digit(p[i]))
            return NULL;
    return p + count;
}

static const char *
one_or_two(const char *p, const char *end)
{
    if (p < end && *p == ' ')
        return digits(p + 1, end, 1);
    if (digits(p, end, 2) != NULL)
        return p + 2;
    return digits(p, end, 1);
}

static const char *
fraction(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s);

    if (end - p < 2 || (*p != '.' && *p != ',') || !ascii_is_digit(p[1]))
        return p;
    return v2_pattern_digits(s, p + 1);
}

static const char *
offset(const char *p, const char *end)
{
    const char *q;

    if (p == end || (*p != '+' && *p != '-'))
        return NULL;
    q = digits(p + 1, end, 2);
    if (q == NULL)
        return NULL;
    p = q < end && *q == ':' ? q + 1 : q;
    p = digits(p, end, 2);
    return p == NULL ? q : p;
}

static const char *
zone_name(const char *p, const char *end)
{
    const char *q = p;

    while (q < end && q - p < ZONE_MAX && ascii_is_upper(*q))
        q++;
    return q - p < NAME_MIN ? NULL : q;
}

/* Z, an offset, a name (" GMT") or both (" GMT+0200"), with JavaScript's addition in
 * parentheses; or nothing. */
static const char *
zone(const char *p, const char *end)
{
    const char *q = p < end && *p == ' ' ? p + 1 : p, *r;

    if (q < end && (*q == 'Z' || *q == 'z'))
        return q + 1;
    r = zone_name(q, end);
    if (r == NULL)
        r = q;
    if (offset(r, end) != NULL)
        r = offset(r, end);
    if (r == q)
        return p;
    if (end - r > 2 && r[0] == ' ' && r[1] == '(') {
        q = memchr(r, ')', end - r > 64 ? 64 : (size_t)(end - r));
        return q == NULL ? r : q + 1;
    }
    return r;
}

static const char *
half_of_day(const char *p, const char *end)
{
    if (end - p < 2 || strchr("aApP", *p) == NULL || (p[1] != 'm' && p[1] != 'M'))
        return NULL;
    return p + 2;
}

/* Matches one letter of a form; returns the end of the match, or NULL. */
static const char *
part(struct parameterize *s, char letter, const char *p)
{
    const char *end = v2_pattern_end(s);

    switch (letter) {
    case 'w':
        return name(p, end, weekdays, COUNT_OF(weekdays));
    case 'm':
        return name(p, end, months, COUNT_OF(months));
    case '1':
        return one_or_two(p, end);
    case '2':
    case '4':
        return digits(p, end, letter - '0');
    case 'f':
        return fraction(s, p);
    case 'z':
        return zone(p, end);
    case 'o':
        return offset(p, end);
    case 'n':
        return zone_name(p, end);
    case 'p':
        return half_of_day(p, end);
    default:
        return p < end && *p == letter ? p + 1 : NULL;
    }
}

static size_t
fits(struct parameterize *s, const char *form, const char *p)
{
    const char *q = p;

    for (; *form != '\0' && q != NULL; form++)
        q = part(s, *form, q);
    if (q == NULL)
        return 0;
    s->looked_at += (size_t)(q - p);
    /* Any character may follow a closing parenthesis. */
    return q[-1] == ')' || v2_pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

/* Python's repr: "datetime.datetime(2024, 2, 20, 22, 16)". */
static size_t
python(const struct parameterize *s, const char *p)
{
    static const struct str head = STR_INIT("datetime.datetime(");
    struct str rest = {p, (size_t)(v2_pattern_end(s) - p)};
    const char *close;

    if (!str_starts(rest, head))
        return 0;
    close = memchr(p, ')', rest.n > 256 ? 256 : rest.n);
    return close == NULL ? 0 : (size_t)(close - p) + 1;
}

size_t
v2_pattern_date(struct parameterize *s, const char *p)
{
    bool number = ascii_is_digit(*p);
    size_t n = 0;

    if ((!number && strchr("MTWFSJANOD", *p) == NULL && *p != 'd') ||
        !v2_pattern_start(s, p))
        return 0;
    if (*p == 'd')
        return python(s, p);
    for (size_t i = 0; i < COUNT_OF(forms) && n == 0; i++)
        if (number == (forms[i][0] != 'w' && forms[i][0] != 'm'))
            n = fits(s, forms[i], p);
    return n;
}
