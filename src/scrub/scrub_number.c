/* Numbers of cards, accounts, people and hosts.  Each is a word of its own: digits within
 * a longer word, an id or a decimal fraction do not count. */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "scrub/scrub_scan.h"

#define CARD_MIN 14U
#define CARD_MAX 19U

#define IBAN_MIN 15U
#define IBAN_MAX 34U
#define ADDRESS_MAX 45U

/* Hexadecimal digits examined between two dashes of an id; there may be more. */
#define GROUP_MAX 12U

static unsigned
digit(char c)
{
    return (unsigned)c - (unsigned)'0';
}

/* Luhn's check. */
static bool
sums_up(const char *digits, size_t n)
{
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned d = digit(digits[n - 1 - i]);

        if (i % 2 == 1)
            d = d > 4 ? 2 * d - 9 : 2 * d;
        sum += d;
    }
    return sum % 10 == 0;
}

/* Returns whether card numbers with this prefix can have n digits. */
static bool
is_issued(const char *digits, size_t n)
{
    unsigned two = digit(digits[0]) * 10 + digit(digits[1]);
    unsigned four = two * 100 + digit(digits[2]) * 10 + digit(digits[3]);

    switch (digits[0]) {
    case '2': /* Mastercard */
        return n == 16 && four >= 2221 && four <= 2720;
    case '3': /* American Express, Diners, JCB */
        return (n == 15 && (two == 34 || two == 37)) ||
               (n == 14 && (two == 36 || two == 38 || two == 39 || four / 10 <= 305)) ||
               (n == 16 && four >= 3528 && four <= 3589);
    case '4': /* Visa */
        return n == 16;
    case '5': /* Mastercard */
        return n == 16 && two >= 51 && two <= 55;
    case '6': /* Discover, UnionPay */
        return (n == 16 && (four == 6011 || four / 10 >= 644) && four < 6600) ||
               (two == 62 && n >= 16);
    default:
        return false;
    }
}

static bool
is_card(const char *digits, size_t n)
{
    return is_issued(digits, n) && sums_up(digits, n);
}

bool
scrub_is_card(struct str number)
{
    if (number.n < CARD_MIN || number.n > CARD_MAX)
        return false;
    for (size_t i = 0; i < number.n; i++)
        if (!ascii_is_digit(number.p[i]))
            return false;
    return is_card(number.p, number.n);
}

/* Returns whether the digits before the dash at p are part of an id, as in a UUID. */
static bool
in_id(struct scrub_scan *x, const char *p)
{
    size_t n = 0;
    bool digits = true;

    while (p - n > x->at && n < GROUP_MAX && ascii_is_hex(p[-1 - (ptrdiff_t)n])) {
        digits = digits && ascii_is_digit(p[-1 - (ptrdiff_t)n]);
        n++;
    }
    x->looked_at += n + 1;
    return n > 0 && (digits || scrub_word_begins(x, p - n));
}

/* Returns whether a separate number may begin at p, unlike in "a1b2-4111…" or
 * "0.4111…". */
static bool
number_begins(struct scrub_scan *x, const char *p)
{
    if (!scrub_word_begins(x, p))
        return false;
    if (p - x->at < 2)
        return true;
    if (p[-1] == '-')
        return !in_id(x, p - 1);
    return (p[-1] != '.' && p[-1] != ',') || !ascii_is_digit(p[-2]);
}

/* Returns whether the digits after the dash at p are part of an id. */
static bool
goes_on_as_id(struct scrub_scan *x, const char *p)
{
    const char *at = p + 1;

    while (at < x->end && (size_t)(at - p) <= GROUP_MAX && ascii_is_hex(*at))
        at++;
    x->looked_at += (size_t)(at - p);
    return at > p + 1 && scrub_word_ends(x, at);
}

/* Returns whether it may end here. */
static bool
number_ends(struct scrub_scan *x, const char *p)
{
    if (!scrub_word_ends(x, p))
        return false;
    if (scrub_left(x, p) < 2)
        return true;
    return *p == '-' ? !goes_on_as_id(x, p) : *p != '.' || !ascii_is_digit(p[1]);
}

/* Digits, optionally with a blank or a dash between any two of them. */
bool
scrub_card(struct scrub_scan *x, const char *p, struct str *cut)
{
    char digits[CARD_MAX];
    const char *at = p;
    size_t n = 0;

    if (*p < '2' || *p > '6' || !number_begins(x, p))
        return false;
    while (at < x->end && n < CARD_MAX && ascii_is_digit(*at)) {
        digits[n++] = *at++;
        if (n >= CARD_MIN && number_ends(x, at) && is_card(digits, n)) {
            x->looked_at += (size_t)(at - p) * 2;
            *cut = (struct str){p, (size_t)(at - p)};
            return true;
        }
        if (scrub_left(x, at) >= 2 && (*at == ' ' || *at == '-') && ascii_is_digit(at[1]))
            at++;
    }
    x->looked_at += (size_t)(at - p);
    return false;
}

/* 123-45-6789, except numbers that were never issued. */
bool
scrub_ssn(struct scrub_scan *x, const char *p, struct str *cut)
{
    static const char form[] = "ddd-dd-dddd";
    const size_t n = sizeof form - 1;

    if (scrub_left(x, p) < n || p[3] != '-' || p[6] != '-' || !number_begins(x, p) ||
        !number_ends(x, p + n))
        return false;
    x->looked_at += n;
    for (size_t i = 0; i < n; i++)
        if (form[i] == 'd' && !ascii_is_digit(p[i]))
            return false;
    if (*p == '9' || memcmp(p, "000", 3) == 0 || memcmp(p, "666", 3) == 0 ||
        memcmp(p + 4, "00", 2) == 0 || memcmp(p + 7, "0000", 4) == 0)
        return false;
    *cut = (struct str){p, n};
    return true;
}

/* The remainder modulo 97 with the first four characters moved to the end. */
static bool
iban_checks(const char *text, size_t n)
{
    unsigned rest = 0;

    for (size_t i = 0; i < n; i++) {
        char c = text[(i + 4) % n];

        if (ascii_is_digit(c))
            rest = (rest * 10 + digit(c)) % 97;
        else
            rest = (rest * 100 + (unsigned)c - (unsigned)'A' + 10) % 97;
    }
    return rest == 1;
}

/* p: the first digit after the country.  In groups of four, or without blanks. */
bool
scrub_iban(struct scrub_scan *x, const char *p, struct str *cut)
{
    char text[IBAN_MAX];
    const char *from = p - 2, *at = from;
    size_t n = 0;
    bool groups = scrub_left(x, p) > 2 && p[2] == ' ';

    if (p - x->at < 2 || !ascii_is_upper(p[-1]) || !ascii_is_upper(p[-2]) ||
        !scrub_word_begins(x, from) || scrub_left(x, p) < 2 || !ascii_is_digit(p[1]))
        return false;
    while (at < x->end && n < IBAN_MAX && (ascii_is_upper(*at) || ascii_is_digit(*at))) {
        text[n++] = *at++;
        if (n >= IBAN_MIN && scrub_word_ends(x, at) && iban_checks(text, n)) {
            x->looked_at += 3 * n;
            *cut = (struct str){from, (size_t)(at - from)};
            return true;
        }
        if (groups && n % 4 == 0 && at < x->end && *at == ' ')
            at++;
    }
    x->looked_at += 8 * n;
    return false;
}

/* Parses 0 to 255; returns NULL when there is none. */
static const char *
byte_end(const struct scrub_scan *x, const char *p)
{
    unsigned v = 0;
    size_t n = 0;

    while (n < scrub_left(x, p) && n < 3 && ascii_is_digit(p[n]))
        v = v * 10 + digit(p[n++]);
    return n == 0 || v > 255 ? NULL : p + n;
}

bool
scrub_ipv4(struct scrub_scan *x, const char *p, struct str *cut)
{
    const char *at = p;

    if (!number_begins(x, p) || (p > x->at && p[-1] == '.'))
        return false;
    for (int i = 0; i < 4; i++) {
        at = byte_end(x, at);
        x->looked_at += 4;
        if (at == NULL || (i < 3 && (at == x->end || *at++ != '.')))
            return false;
    }
    if (!scrub_word_ends(x, at) ||
        (scrub_left(x, at) > 1 && *at == '.' && ascii_is_digit(at[1])))
        return false;
    *cut = (struct str){p, (size_t)(at - p)};
    return true;
}

/* p: the first colon. */
bool
scrub_ipv6(struct scrub_scan *x, const char *p, struct str *cut)
{
    char text[ADDRESS_MAX + 1];
    struct in6_addr ignored;
    const char *from = p, *at = p;
    size_t n;

    while (from > x->at && p - from < 4 && ascii_is_hex(from[-1]))
        from--;
    if (!scrub_word_begins(x, from) || (from > x->at && from[-1] == ':'))
        return false;
    while (at < x->end && (size_t)(at - from) < ADDRESS_MAX &&
           (ascii_is_hex(*at) || *at == ':' || *at == '.'))
        at++;
    if (scrub_is_filtered(x, at))
        return false;
    while (at > p && (at[-1] == '.' || (at[-1] == ':' && (at - p < 2 || at[-2] != ':'))))
        at--;
    n = (size_t)(at - from);
    x->looked_at += 2 * n + 4;
    if (n < 3 || !scrub_word_ends(x, at))
        return false;
    (void)memcpy(text, from, n);
    text[n] = '\0';
    if (inet_pton(AF_INET6, text, &ignored) != 1)
        return false;
    *cut = (struct str){from, n};
    return true;
}
