/* Most bytes begin no rule and are skipped with one table look-up.  After a match the
 * next rule begins behind it. */
#include "scrub/scrub_scan.h"

#include <string.h>

enum mark {
    NOTHING,
    JSON, /* a quote or a backslash: begins no rule */
    DIGIT,
    DASH,
    UNDERSCORE,
    DOT,
    COLON,
    EQUALS,
    GREATER,
    LETTER_A,
    LETTER_B,
    LETTER_J
};

static const unsigned char marks[256] = {
    ['0'] = DIGIT,    ['1'] = DIGIT,    ['2'] = DIGIT,    ['3'] = DIGIT,
    ['4'] = DIGIT,    ['5'] = DIGIT,    ['6'] = DIGIT,    ['7'] = DIGIT,
    ['8'] = DIGIT,    ['9'] = DIGIT,    ['-'] = DASH,     ['_'] = UNDERSCORE,
    ['.'] = DOT,      [':'] = COLON,    ['='] = EQUALS,   ['>'] = GREATER,
    ['A'] = LETTER_A, ['B'] = LETTER_B, ['b'] = LETTER_B, ['J'] = LETTER_J,
    ['\\'] = JSON,    ['"'] = JSON,
};

void
scrub_scan_begin(struct scrub_scan *x, const struct scrub_names *names, struct str text,
                 enum scrub_mode mode, bool addresses)
{
    const char *begin = text.n == 0 ? "" : text.p;

    x->names = names;
    x->mode = mode;
    x->addresses = addresses && mode != SCRUB_CODE;
    x->begin = begin;
    x->end = begin + text.n;
    x->at = x->first = begin;
    x->no_jwt = NULL;
    x->no_base64 = NULL;
    x->password = STR_NONE;
    x->open_key = false;
    x->blank_pair = false;
    x->looked_at = text.n;
}

/* The value of each cookie, or the whole text if it has none. */
static bool
next_cookie(struct scrub_scan *x, struct str *cut)
{
    while (x->at < x->end) {
        size_t left = scrub_left(x, x->at);
        const char *stop = memchr(x->at, ';', left);
        const char *end = stop == NULL ? x->end : stop;
        const char *mark = memchr(x->at, '=', (size_t)(end - x->at));
        const char *from = mark == NULL ? end : mark + 1;

        if (mark == NULL && x->at == x->begin && stop == NULL)
            from = x->at;
        x->looked_at += 2 * (size_t)(end - x->at);
        x->at = stop == NULL ? x->end : stop + 1;
        *cut = (struct str){from, (size_t)(end - from)};
        if (!scrub_is_harmless(*cut))
            return true;
    }
    return false;
}

/* Tries all rules that begin at the first digit of a number. */
static bool
at_digit(struct scrub_scan *x, const char *p, struct str *cut)
{
    if (p > x->begin && ascii_is_word(p[-1]))
        return ascii_is_upper(p[-1]) && x->mode != SCRUB_CODE && scrub_iban(x, p, cut);
    return scrub_card(x, p, cut) || (x->mode != SCRUB_CODE && scrub_ssn(x, p, cut)) ||
           (x->addresses && scrub_ipv4(x, p, cut));
}

/* The marks before which a letter can end the first word of a token (scrub_token.c). */
enum { TOKEN_UNDERSCORE = 1, TOKEN_DASH = 2, TOKEN_DOT = 4 };

static const unsigned char tails[256] = {
    ['9'] = TOKEN_DOT,
    ['G'] = TOKEN_DOT,
    ['X'] = TOKEN_DASH,
    ['a'] = TOKEN_UNDERSCORE | TOKEN_DASH,
    ['b'] = TOKEN_UNDERSCORE | TOKEN_DASH,
    ['c'] = TOKEN_UNDERSCORE,
    ['e'] = TOKEN_DASH,
    ['f'] = TOKEN_UNDERSCORE,
    ['i'] = TOKEN_DASH,
    ['k'] = TOKEN_UNDERSCORE | TOKEN_DASH,
    ['m'] = TOKEN_UNDERSCORE,
    ['o'] = TOKEN_UNDERSCORE,
    ['p'] = TOKEN_UNDERSCORE | TOKEN_DASH,
    ['r'] = TOKEN_UNDERSCORE | TOKEN_DASH,
    ['s'] = TOKEN_UNDERSCORE | TOKEN_DASH | TOKEN_DOT,
    ['t'] = TOKEN_UNDERSCORE | TOKEN_DASH,
    ['u'] = TOKEN_UNDERSCORE,
};

static bool
ends_prefix(const struct scrub_scan *x, const char *p, unsigned mark)
{
    return p > x->begin && (tails[(unsigned char)p[-1]] & mark) != 0;
}

static bool
at_dash(struct scrub_scan *x, const char *p, struct str *cut)
{
    if (scrub_left(x, p) < 2)
        return false;
    if (p[1] == '-')
        return scrub_pem(x, p, cut) || scrub_argument(x, p, cut);
    return ends_prefix(x, p, TOKEN_DASH) && scrub_token(x, p, cut);
}

/* "10:30", "T10:30" */
static bool
is_time(const struct scrub_scan *x, const char *p)
{
    return p - x->at > 2 && scrub_left(x, p) > 2 && ascii_is_digit(p[-1]) &&
           ascii_is_digit(p[-2]) && (p[-3] == 'T' || !ascii_is_word(p[-3])) &&
           ascii_is_digit(p[1]) && ascii_is_digit(p[2]);
}

static bool
at_colon(struct scrub_scan *x, const char *p, struct str *cut)
{
    if (p + 1 == x->password.p || scrub_stands(x, p, STR("://")))
        return scrub_url(x, p, cut);
    if (!x->addresses && is_time(x, p))
        return false;
    return scrub_pair(x, p, cut) || (x->addresses && scrub_ipv6(x, p, cut));
}

static bool
at_b(struct scrub_scan *x, const char *p, struct str *cut)
{
    return scrub_left(x, p) > 8 && scrub_is_one_of(p[1], "eEaA") &&
           scrub_scheme(x, p, cut);
}

static bool
at_mark(struct scrub_scan *x, const char *p, enum mark mark, struct str *cut)
{
    switch (mark) {
    case DIGIT:
        return at_digit(x, p, cut);
    case DASH:
        return at_dash(x, p, cut);
    case UNDERSCORE:
        return ends_prefix(x, p, TOKEN_UNDERSCORE) && scrub_token(x, p, cut);
    case DOT:
        return ends_prefix(x, p, TOKEN_DOT) && scrub_token(x, p, cut);
    case COLON:
        return at_colon(x, p, cut);
    case EQUALS:
        return scrub_pair(x, p, cut);
    case GREATER:
        return scrub_element(x, p, cut);
    case LETTER_A:
        return scrub_left(x, p) > 16 && (p[1] == 'K' || p[1] == 'S' || p[1] == 'I') &&
               scrub_token(x, p, cut);
    case LETTER_B:
        return at_b(x, p, cut);
    case LETTER_J:
        return scrub_jwt(x, p, cut);
    case NOTHING:
    case JSON:
        break;
    }
    return false;
}

/* Returns the end of the letters and digits that begin before p: no rule begins within
 * them. */
static const char *
word_end(const struct scrub_scan *x, const char *p)
{
    while (p < x->end && ascii_is_alnum(*p))
        p++;
    return p;
}

bool
scrub_holds_filtered(struct str text)
{
    static const struct str filtered = STR_INIT(SCRUB_FILTERED);

    return text.n > 0 && memmem(text.p, text.n, filtered.p, filtered.n) != NULL;
}

const char *
scrub_scan_pass(const char *p, const char *end)
{
    while (end - p > 4 && (marks[(unsigned char)p[0]] | marks[(unsigned char)p[1]] |
                           marks[(unsigned char)p[2]] | marks[(unsigned char)p[3]]) == 0)
        p += 4;
    while (p < end && marks[(unsigned char)*p] == NOTHING)
        p++;
    return p;
}

bool
scrub_scan_next(struct scrub_scan *x, struct str *cut)
{
    const char *p = x->at < x->first ? x->first : x->at;

    if (x->mode == SCRUB_COOKIE)
        return next_cookie(x, cut);
    while ((p = scrub_scan_pass(p, x->end)) < x->end) {
        unsigned char mark = marks[(unsigned char)*p];

        if (at_mark(x, p, (enum mark)mark, cut)) {
            x->at = cut->p + cut->n;
            return true;
        }
        p = mark == DIGIT ? word_end(x, p) : p + 1;
    }
    x->at = x->end;
    return false;
}
