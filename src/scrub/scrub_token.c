/* Tokens recognisable by their shape, wherever they occur. */
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "scrub/scrub_scan.h"
#include "wire/base64.h"

#define RUN_MAX 64U      /* examined before it is known to be a token */
#define USER_MAX 4096U   /* in a URL: the part before its '@' */
#define KEY_NAME_MAX 60U /* of "BEGIN … PRIVATE KEY" */
#define CREDENTIALS 128U /* characters of base64 that are searched for a colon */
#define JWT_PART_MIN 10U

enum charset {
    ALNUM,
    UPPER, /* and digits */
    HEX,
    WORD_DASH, /* letters, digits, '_', '-' */
    WORD_DOT   /* these and dots */
};

/* A token: its first bytes up to a mark, then at least this many characters. */
struct shape {
    const char *prefix;
    enum charset charset;
    unsigned min;
    bool mixed; /* lower-case letters alone do not count */
};

static const struct shape shapes[] = {
    /* The mark is the last byte of the prefix, unless another mark precedes it. */
    {"ghp_", ALNUM, 30, false},        {"gho_", ALNUM, 30, false},
    {"ghu_", ALNUM, 30, false},        {"ghs_", ALNUM, 30, false},
    {"ghr_", ALNUM, 30, false},        {"github_pat_", WORD_DASH, 22, false},
    {"sk_live_", ALNUM, 10, false},    {"sk_test_", ALNUM, 10, false},
    {"rk_live_", ALNUM, 10, false},    {"rk_test_", ALNUM, 10, false},
    {"whsec_", WORD_DASH, 20, true},   {"npm_", ALNUM, 30, true},
    {"hf_", ALNUM, 30, true},          {"dop_v1_", HEX, 40, false},
    {"shpat_", HEX, 30, false},        {"shpss_", HEX, 30, false},
    {"shpca_", HEX, 30, false},        {"sntrys_", WORD_DOT, 30, true},
    {"sntryu_", HEX, 40, false},       {"glpat-", WORD_DASH, 16, false},
    {"gldt-", WORD_DASH, 16, true},    {"glrt-", WORD_DASH, 16, true},
    {"xoxb-", WORD_DASH, 10, false},   {"xoxa-", WORD_DASH, 10, false},
    {"xoxp-", WORD_DASH, 10, false},   {"xoxr-", WORD_DASH, 10, false},
    {"xoxs-", WORD_DASH, 10, false},   {"xoxe-", WORD_DASH, 10, false},
    {"xapp-", WORD_DASH, 10, true},    {"pypi-", WORD_DASH, 16, true},
    {"sk-", WORD_DASH, 20, true},      {"GOCSPX-", WORD_DASH, 20, false},
    {"xkeysib-", WORD_DASH, 40, true}, {"SG.", WORD_DOT, 40, true},
    {"ya29.", WORD_DOT, 20, false},    {"hvs.", WORD_DASH, 20, true},
    {"AKIA", UPPER, 16, false},        {"ASIA", UPPER, 16, false},
    {"AIza", WORD_DASH, 30, false},
};

#define LENGTH(n) (1U << (n))

/* By the first letter: the possible lengths of the word before the mark. */
static const unsigned short lengths[128] = {
    ['A'] = LENGTH(0),
    ['G'] = LENGTH(6),
    ['S'] = LENGTH(2),
    ['d'] = LENGTH(3),
    ['g'] = LENGTH(3) | LENGTH(4) | LENGTH(5) | LENGTH(6),
    ['h'] = LENGTH(2) | LENGTH(3),
    ['n'] = LENGTH(3),
    ['p'] = LENGTH(4),
    ['r'] = LENGTH(2),
    ['s'] = LENGTH(2) | LENGTH(5) | LENGTH(6),
    ['w'] = LENGTH(5),
    ['x'] = LENGTH(4) | LENGTH(7),
    ['y'] = LENGTH(4),
};

static bool
is_of(enum charset charset, char c)
{
    switch (charset) {
    case ALNUM:
        return ascii_is_alnum(c);
    case UPPER:
        return ascii_is_upper(c) || ascii_is_digit(c);
    case HEX:
        return ascii_is_hex(c);
    case WORD_DASH:
        return ascii_is_alnum(c) || c == '_' || c == '-';
    case WORD_DOT:
        return ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
    }
    return false;
}

static const char *
run_end(struct scrub_scan *x, const char *p, enum charset charset, size_t max)
{
    const char *at = p;

    while (at < x->end && (size_t)(at - p) < max && is_of(charset, *at))
        at++;
    x->looked_at += (size_t)(at - p);
    return at;
}

/* Returns whether it contains digits and capitals. */
static bool
is_mixed(const char *p, const char *end)
{
    bool digits = false, capitals = false;

    for (; p < end; p++) {
        digits = digits || ascii_is_digit(*p);
        capitals = capitals || ascii_is_upper(*p);
    }
    return digits && capitals;
}

static bool
matches(struct scrub_scan *x, const struct shape *s, const char *from, struct str *cut)
{
    struct str prefix = str_of(s->prefix);
    const char *begin, *end;

    if (!scrub_stands(x, from, prefix))
        return false;
    begin = from + prefix.n;
    end = run_end(x, begin, s->charset, RUN_MAX);
    if ((size_t)(end - begin) < s->min || (s->mixed && !is_mixed(begin, end)))
        return false;
    end = run_end(x, end, s->charset, SIZE_MAX);
    if (s->charset == UPPER &&
        ((size_t)(end - begin) != s->min || !scrub_word_ends(x, end)))
        return false;
    while (end[-1] == '.')
        end--;
    *cut = (struct str){from, (size_t)(end - from)};
    return true;
}

/* Returns the start of the word that ends before the mark at p, if it is short enough. */
static const char *
word_start(const struct scrub_scan *x, const char *p)
{
    const char *from = p;

    while (from > x->at && p - from < 8 && ascii_is_alnum(from[-1]))
        from--;
    return scrub_word_begins(x, from) ? from : NULL;
}

/* p: the first '_', '-' or '.' of the token, or its 'A'. */
bool
scrub_token(struct scrub_scan *x, const char *p, struct str *cut)
{
    const char *from = word_start(x, p);

    x->looked_at += 8;
    if (from == NULL || ((unsigned char)*from & 0x80U) != 0 ||
        (lengths[(unsigned char)*from] & LENGTH(p - from)) == 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        if (shapes[i].prefix[0] == *from && matches(x, &shapes[i], from, cut))
            return true;
    return false;
}

static const char *
part_end(struct scrub_scan *x, const char *p)
{
    return run_end(x, p, WORD_DASH, SIZE_MAX);
}

/* p: the J of "eyJ".  A run of characters without a token is not searched again. */
bool
scrub_jwt(struct scrub_scan *x, const char *p, struct str *cut)
{
    const char *from = p - 2, *dot, *end;

    if (p - x->at < 2 || p[-1] != 'y' || p[-2] != 'e' || p < x->no_jwt ||
        !scrub_word_begins(x, from))
        return false;
    dot = part_end(x, from);
    end = dot < x->end && *dot == '.' ? part_end(x, dot + 1) : dot;
    x->no_jwt = dot;
    if ((size_t)(dot - from) < JWT_PART_MIN || (size_t)(end - dot) < JWT_PART_MIN + 1)
        return false;
    while (end < x->end && *end == '.')
        end = part_end(x, end + 1);
    while (end[-1] == '.')
        end--;
    *cut = (struct str){from, (size_t)(end - from)};
    return true;
}

static bool
is_base64(char c)
{
    return ascii_is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
}

/* Returns whether this decodes to "user:password". */
static bool
holds_colon(struct str text)
{
    char out[CREDENTIALS];
    size_t n = text.n < CREDENTIALS ? text.n : CREDENTIALS, bytes = 0;

    n -= n % 4;
    if (base64_decode((struct str){text.p, n}, out, &bytes) != 0)
        return false;
    for (size_t i = 0; i < bytes; i++)
        if ((unsigned char)out[i] < 0x20U)
            return false;
    return memchr(out, ':', bytes) != NULL;
}

/* Returns whether it is a word of a sentence rather than a token. */
static bool
is_prose(struct str word)
{
    for (size_t i = 1; i < word.n; i++)
        if (!ascii_is_lower(word.p[i]))
            return false;
    return word.n < 16 || word.n > 40;
}

/* p: the first letter of "Bearer" or "Basic". */
bool
scrub_scheme(struct scrub_scan *x, const char *p, struct str *cut)
{
    bool bearer = (p[0] | 0x20) == 'b' && scrub_left(x, p) > 8 && (p[1] | 0x20) == 'e';
    struct str name = bearer ? STR("bearer") : STR("basic");
    const char *from, *end;

    if (scrub_left(x, p) < name.n + 5 || !scrub_word_begins(x, p) ||
        !str_eq_nocase((struct str){p, name.n}, name))
        return false;
    from = p + name.n;
    while (from < x->end && (size_t)(from - p) < name.n + 4 &&
           (*from == ' ' || *from == '\t' || *from == '+' || *from == ':'))
        from++;
    if (scrub_stands(x, from, STR("%20")))
        from += 3;
    if (from == p + name.n || from == x->end || from < x->no_base64)
        return false;
    for (end = from;
         end < x->end && (is_base64(*end) || (bearer && (*end == '.' || *end == '~')));)
        end++;
    x->looked_at += (size_t)(end - p);
    x->no_base64 = end;
    while (end > from && end[-1] == '.')
        end--;
    *cut = (struct str){from, (size_t)(end - from)};
    return bearer ? cut->n >= 4 && !is_prose(*cut) : cut->n >= 8 && holds_colon(*cut);
}

/* p: the first dash of "-----BEGIN RSA PRIVATE KEY-----".  Cuts the text between the two
 * lines. */
bool
scrub_pem(struct scrub_scan *x, const char *p, struct str *cut)
{
    static const struct str begins = STR_INIT("-----BEGIN ");
    static const struct str kind = STR_INIT("PRIVATE KEY"), ends = STR_INIT("-----END ");
    const char *at = p + begins.n, *end;

    x->looked_at += 2;
    if (!scrub_stands(x, p, begins))
        return false;
    while (at < x->end && (size_t)(at - p) < KEY_NAME_MAX && !scrub_stands(x, at, kind) &&
           (ascii_is_upper(*at) || ascii_is_digit(*at) || *at == ' '))
        at++;
    x->looked_at += (size_t)(at - p);
    if (!scrub_stands(x, at, kind))
        return false;
    at += kind.n;
    if (scrub_stands(x, at, STR(" BLOCK")))
        at += sizeof " BLOCK" - 1;
    if (!scrub_stands(x, at, STR("-----")))
        return false;
    at += sizeof "-----" - 1;
    end = memmem(at, scrub_left(x, at), ends.p, ends.n);
    x->looked_at += (size_t)((end == NULL ? x->end : end) - at);
    x->open_key = end == NULL;
    if (end == NULL)
        end = x->end;
    *cut = (struct str){at, (size_t)(end - at)};
    return cut->n > 0 && !str_eq(*cut, STR(SCRUB_FILTERED));
}

/* p: the colon of "://user:password@host", or the later one before the password: the user
 * is scanned like any text. */
bool
scrub_url(struct scrub_scan *x, const char *p, struct str *cut)
{
    const char *from = p + 3, *colon = NULL, *sign = NULL, *at;

    if (p + 1 == x->password.p) {
        *cut = x->password;
        return true;
    }
    if (!scrub_stands(x, p, STR("://")))
        return false;
    for (at = from; at < x->end && (size_t)(at - from) < USER_MAX; at++) {
        if (*at == '@')
            sign = at;
        else if (*at == ':' && colon == NULL && sign == NULL)
            colon = at;
        if (scrub_is_one_of(*at, "/?#\"'<>\\") || ascii_is_blank(*at))
            break;
    }
    x->looked_at += (size_t)(at - from);
    if (colon == NULL || sign == NULL || sign - colon < 2 ||
        scrub_is_filtered(x, colon + 1))
        return false;
    x->password = (struct str){colon + 1, (size_t)(sign - colon) - 1};
    return false;
}
