/* They all begin at the start of a word, so each examines a byte only a few times. */
#include "grouping/pattern.h"

#define HEX_MIN 7U
#define HEX_MAX 128U
#define GROUP_DIGITS 3

const char *
pattern_digits(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s), *q = p;

    while (q < end && ascii_is_digit(*q))
        q++;
    s->looked_at += (size_t)(q - p);
    return q;
}

size_t
pattern_hex_run(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s), *q = p;

    while (q < end && ascii_is_hex(*q))
        q++;
    s->looked_at += (size_t)(q - p);
    return (size_t)(q - p);
}

/* Groups of hexadecimal digits of these lengths (0: no more) with dashes between them. */
static size_t
dashed(struct parameterize *s, const char *p, const unsigned char lengths[5])
{
    const char *end = pattern_end(s), *q = p;

    if (!pattern_start(s, p))
        return 0;
    for (size_t i = 0; i < 5 && lengths[i] != 0; i++) {
        if (i > 0 && (q == end || *q++ != '-'))
            return 0;
        if (q == end || !ascii_is_hex(*q))
            return 0;
        for (size_t n = 0; n < lengths[i]; n++, q++)
            if (q == end || !ascii_is_hex(*q))
                return 0;
    }
    return pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

size_t
pattern_trace(struct parameterize *s, const char *p)
{
    static const unsigned char w3c[5] = {2, 32, 16, 2}, amazon[5] = {1, 8, 24};
    size_t n;

    if (*p != '0' && *p != '1')
        return 0;
    n = dashed(s, p, w3c);
    if (n > 0)
        return p[0] == '0' && p[1] == '0' && p[n - 2] == '0' &&
                       (p[n - 1] == '0' || p[n - 1] == '1')
                   ? n
                   : 0;
    return *p == '1' ? dashed(s, p, amazon) : 0;
}

size_t
pattern_uuid(struct parameterize *s, const char *p)
{
    static const unsigned char groups[5] = {8, 4, 4, 4, 12};

    return dashed(s, p, groups);
}

/* The hexadecimal digits of a word that consists of nothing else. */
static size_t
hex_word(struct parameterize *s, const char *p)
{
    size_t n;

    if (!ascii_is_hex(*p) || !pattern_start(s, p))
        return 0;
    n = pattern_hex_run(s, p);
    return pattern_edge(s, p + n) ? n : 0;
}

/* The kinds of characters in a word of at most HEX_MAX bytes. */
struct made_of {
    bool digit, lower, upper;
};

static struct made_of
made_of(const char *p, size_t n)
{
    struct made_of m = {false, false, false};

    for (size_t i = 0; i < n; i++) {
        m.digit = m.digit || ascii_is_digit(p[i]);
        m.lower = m.lower || ascii_is_lower(p[i]);
        m.upper = m.upper || ascii_is_upper(p[i]);
    }
    return m;
}

/* Of letters alone it may be a word, of digits alone it is a number; of 7, as git
 * abbreviates, only in lower case. */
size_t
pattern_hex(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s);
    struct made_of m;
    size_t n;

    if (!pattern_start(s, p))
        return 0;
    if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        n = pattern_hex_run(s, p + 2);
        return n > 0 && pattern_edge(s, p + 2 + n) ? 2 + n : 0;
    }
    n = hex_word(s, p);
    if (n < HEX_MIN || n > HEX_MAX)
        return 0;
    m = made_of(p, n);
    if (!m.digit || m.lower == m.upper || (n == HEX_MIN && m.upper))
        return 0;
    return n;
}

/* "12ms", "1.5s", "3h", "10MB": a number and its unit in one word. */
size_t
pattern_measure(struct parameterize *s, const char *p)
{
    static const struct str units[] = {
        STR_INIT("ms"),  STR_INIT("s"),     STR_INIT("m"),    STR_INIT("h"),
        STR_INIT("d"),   STR_INIT("us"),    STR_INIT("ns"),   STR_INIT("\xc2\xb5s"),
        STR_INIT("min"), STR_INIT("sec"),   STR_INIT("secs"), STR_INIT("B"),
        STR_INIT("kB"),  STR_INIT("KB"),    STR_INIT("MB"),   STR_INIT("GB"),
        STR_INIT("TB"),  STR_INIT("KiB"),   STR_INIT("MiB"),  STR_INIT("GiB"),
        STR_INIT("TiB"), STR_INIT("bytes"), STR_INIT("px"),   STR_INIT("\xce\xbcs")};
    const char *end = pattern_end(s), *q;
    struct str rest;

    if (!ascii_is_digit(*p) || !pattern_start(s, p))
        return 0;
    q = pattern_digits(s, p);
    if (end - q >= 2 && *q == '.' && ascii_is_digit(q[1]))
        q = pattern_digits(s, q + 1);
    rest = (struct str){q, (size_t)(end - q)};
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (str_starts(rest, units[i]) && pattern_edge(s, q + units[i].n))
            return (size_t)(q - p) + units[i].n;
    return 0;
}

/* Returns where the digits of a number here begin; its sign is included unless a word
 * precedes it.  NULL when there is none. */
static const char *
number(const struct parameterize *s, const char *p)
{
    const char *digits = *p == '-' ? p + 1 : p;

    if (!pattern_start(s, p) || digits == pattern_end(s) || !ascii_is_digit(*digits))
        return NULL;
    return digits;
}

size_t
pattern_float(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s), *digits = number(s, p), *q;

    if (digits == NULL)
        return 0;
    q = pattern_digits(s, digits);
    if (end - q < 2 || *q != '.' || !ascii_is_digit(q[1]))
        return 0;
    q = pattern_digits(s, q + 1);
    return pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

/* "17", "-4", "4,150,908" */
size_t
pattern_int(struct parameterize *s, const char *p)
{
    const char *digits = number(s, p), *q, *end = pattern_end(s);

    if (digits == NULL)
        return 0;
    q = pattern_digits(s, digits);
    while (q - digits >= 1 && end - q > GROUP_DIGITS && *q == ',') {
        const char *group = pattern_digits(s, q + 1);

        if (group - q != GROUP_DIGITS + 1)
            break;
        q = group;
    }
    return pattern_edge(s, q) ? (size_t)(q - p) : 0;
}
