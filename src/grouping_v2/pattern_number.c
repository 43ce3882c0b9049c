/* They all begin at the start of a word, so each examines a byte only a few times. */
#include "grouping_v2/pattern.h"

#define SHA1_DIGITS 40U
#define MD5_DIGITS 32U
#define HEX_MIN 8U
#define HEX_MAX 128U
#define GIT_SHA_DIGITS 7U
#define INT_MAX_DIGITS 7

const char *
v2_pattern_digits(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *q = p;

    while (q < end && ascii_is_digit(*q))
        q++;
    s->looked_at += (size_t)(q - p);
    return q;
}

size_t
v2_pattern_hex_run(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *q = p;

    while (q < end && ascii_is_hex(*q))
        q++;
    s->looked_at += (size_t)(q - p);
    return (size_t)(q - p);
}

/* Groups of hexadecimal digits of these lengths (0: no more) with dashes between them. */
static size_t
dashed(struct parameterize *s, const char *p, const unsigned char lengths[5])
{
    const char *end = v2_pattern_end(s), *q = p;

    if (!v2_pattern_start(s, p))
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
    return v2_pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

size_t
v2_pattern_trace(struct parameterize *s, const char *p)
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
v2_pattern_uuid(struct parameterize *s, const char *p)
{
    static const unsigned char groups[5] = {8, 4, 4, 4, 12};

    return dashed(s, p, groups);
}

/* The hexadecimal digits of a word that consists of nothing else. */
static size_t
hex_word(struct parameterize *s, const char *p)
{
    size_t n;

    if (!ascii_is_hex(*p) || !v2_pattern_start(s, p))
        return 0;
    n = v2_pattern_hex_run(s, p);
    return v2_pattern_edge(s, p + n) ? n : 0;
}

size_t
v2_pattern_sha1(struct parameterize *s, const char *p)
{
    return hex_word(s, p) == SHA1_DIGITS ? SHA1_DIGITS : 0;
}

size_t
v2_pattern_md5(struct parameterize *s, const char *p)
{
    return hex_word(s, p) == MD5_DIGITS ? MD5_DIGITS : 0;
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

size_t
v2_pattern_hex(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s);
    struct made_of m;
    size_t n;

    if (!v2_pattern_start(s, p))
        return 0;
    if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        n = v2_pattern_hex_run(s, p + 2);
        return n > 0 && v2_pattern_edge(s, p + 2 + n) ? 2 + n : 0;
    }
    n = hex_word(s, p);
    if (n < HEX_MIN || n > HEX_MAX)
        return 0;
    m = made_of(p, n);
    return m.digit && !(m.lower && m.upper) ? n : 0;
}

size_t
v2_pattern_git_sha(struct parameterize *s, const char *p)
{
    struct made_of m;

    if (hex_word(s, p) != GIT_SHA_DIGITS)
        return 0;
    m = made_of(p, GIT_SHA_DIGITS);
    return m.digit && m.lower && !m.upper ? GIT_SHA_DIGITS : 0;
}

size_t
v2_pattern_duration(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *q;

    if (!ascii_is_digit(*p) || !v2_pattern_start(s, p))
        return 0;
    q = v2_pattern_digits(s, p);
    if (end - q >= 2 && q[0] == 'm' && q[1] == 's' && v2_pattern_edge(s, q + 2))
        return (size_t)(q + 2 - p);
    if (end - q >= 2 && *q == '.' && ascii_is_digit(q[1])) {
        const char *fraction = v2_pattern_digits(s, q + 1);

        if (fraction < end && *fraction == 's' && v2_pattern_edge(s, fraction + 1))
            return (size_t)(fraction + 1 - p);
    }
    return q < end && *q == 's' && v2_pattern_edge(s, q + 1) ? (size_t)(q + 1 - p) : 0;
}

/* Returns where the digits of a number here begin; its sign is included unless a word
 * precedes it.  NULL when there is none. */
static const char *
number(const struct parameterize *s, const char *p)
{
    const char *digits = *p == '-' ? p + 1 : p;

    if (!v2_pattern_start(s, p) || digits == v2_pattern_end(s) ||
        !ascii_is_digit(*digits))
        return NULL;
    return digits;
}

size_t
v2_pattern_float(struct parameterize *s, const char *p)
{
    const char *end = v2_pattern_end(s), *digits = number(s, p), *q;

    if (digits == NULL)
        return 0;
    q = v2_pattern_digits(s, digits);
    if (end - q < 2 || *q != '.' || !ascii_is_digit(q[1]))
        return 0;
    q = v2_pattern_digits(s, q + 1);
    return v2_pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

size_t
v2_pattern_int(struct parameterize *s, const char *p)
{
    const char *digits = number(s, p), *q;

    if (digits == NULL)
        return 0;
    q = v2_pattern_digits(s, digits);
    return q - digits <= INT_MAX_DIGITS && v2_pattern_edge(s, q) ? (size_t)(q - p) : 0;
}
