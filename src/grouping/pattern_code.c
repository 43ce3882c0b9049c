/* Numbers that name an error, or are part of a name, stay: a word before or behind them
 * announces them ("status code 500", "ORA-00001", "utf-8"). */
#include <string.h>

#include "grouping/pattern.h"

#define WORD_MAX 16U
#define SEPARATORS_MAX 3U
#define CODE_MAX_DIGITS 5
#define HEX_CODE_DIGITS 8U

/* The word before a position, in lower case, and what stands between. */
struct before {
    char word[WORD_MAX];
    size_t n;
    struct str between;
    const char *from; /* where the word begins */
};

static struct before
look_back(struct parameterize *s, const char *p)
{
    struct before b = {.n = 0};
    const char *q = p, *end;

    while (q > s->begin && p - q < (ptrdiff_t)SEPARATORS_MAX &&
           strchr(" :=([#/-", q[-1]) != NULL)
        q--;
    b.between = (struct str){q, (size_t)(p - q)};
    end = q;
    while (q > s->begin && ascii_is_alpha(q[-1]) && end - q < (ptrdiff_t)WORD_MAX)
        q--;
    s->looked_at += (size_t)(p - q);
    b.from = q;
    if (end - q == (ptrdiff_t)WORD_MAX)
        return b;
    for (; q < end; q++)
        b.word[b.n++] = ascii_lower(*q);
    return b;
}

static bool
is_word(const struct before *b, const struct str *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq((struct str){b->word, b->n}, list[i]))
            return true;
    return false;
}

/* Whether what stands between a word and a number lets the word announce it. */
static bool
is_between(const struct before *b, const char *chars)
{
    for (size_t i = 0; i < b->between.n; i++)
        if (strchr(chars, b->between.p[i]) == NULL)
            return false;
    return b->between.n > 0;
}

/* "postal code 10115": a code that is data. */
static bool
is_code_of_data(struct parameterize *s, const struct before *b)
{
    static const struct str words[] = {
        STR_INIT("postal"),  STR_INIT("zip"),      STR_INIT("post"),
        STR_INIT("country"), STR_INIT("area"),     STR_INIT("promo"),
        STR_INIT("coupon"),  STR_INIT("discount"), STR_INIT("voucher"),
        STR_INIT("product"), STR_INIT("item"),     STR_INIT("pin"),
        STR_INIT("access"),  STR_INIT("security"), STR_INIT("verification")};
    struct before first;

    if (!str_eq((struct str){b->word, b->n}, STR("code")))
        return false;
    first = look_back(s, b->from);
    return is_word(&first, words, COUNT_OF(words)) && is_between(&first, " -");
}

/* "Error Number:1205", "SSL alert number 40". */
static bool
is_number_of_error(struct parameterize *s, const struct before *b)
{
    static const struct str words[] = {STR_INIT("error"), STR_INIT("alert")};
    struct before first;

    if (!str_eq((struct str){b->word, b->n}, STR("number")))
        return false;
    first = look_back(s, b->from);
    return is_word(&first, words, COUNT_OF(words)) && is_between(&first, " ");
}

static bool
announces_code(struct parameterize *s, const struct before *b)
{
    static const struct str words[] = {
        STR_INIT("errno"),     STR_INIT("code"),       STR_INIT("status"),
        STR_INIT("sqlstate"),  STR_INIT("sqlcode"),    STR_INIT("hresult"),
        STR_INIT("ntstatus"),  STR_INIT("winerror"),   STR_INIT("msg"),
        STR_INIT("http"),      STR_INIT("signal"),     STR_INIT("exitcode"),
        STR_INIT("errorcode"), STR_INIT("statuscode"), STR_INIT("errcode"),
        STR_INIT("ora"),       STR_INIT("pls"),        STR_INIT("tns"),
        STR_INIT("said"),      STR_INIT("alert"),      STR_INIT("errorno"),
        STR_INIT("fehlercode")};
    static const struct str error[] = {STR_INIT("error"), STR_INIT("err"),
                                       STR_INIT("fehler"), STR_INIT("erreur")};

    if (is_word(b, words, COUNT_OF(words)) || is_number_of_error(s, b))
        return is_between(b, " :=([#/-") && !is_code_of_data(s, b);
    /* "error: 17 rows" counts something, "error 17" and "error #17" are its name. */
    return is_word(b, error, COUNT_OF(error)) && is_between(b, " #(-");
}

/* "utf-8", "HTTP/1.1", "ISO-8859-1", "TLS 1.3": names with a number. */
static bool
announces_name(const struct before *b)
{
    static const struct str words[] = {
        STR_INIT("utf"), STR_INIT("iso"),    STR_INIT("sha"),  STR_INIT("http"),
        STR_INIT("tls"), STR_INIT("ssl"),    STR_INIT("rfc"),  STR_INIT("windows"),
        STR_INIT("es"),  STR_INIT("latin"),  STR_INIT("base"), STR_INIT("md"),
        STR_INIT("ucs"), STR_INIT("dotnet"), STR_INIT("level")};

    return is_word(b, words, COUNT_OF(words)) && is_between(b, "-/ ");
}

/* "HTTP/1.1 502 Bad Gateway", "HTTP/2 502". */
static bool
is_behind_http(const struct parameterize *s, const char *p)
{
    static const struct str head = STR_INIT("HTTP/");
    const char *q = p - 1;

    if (p == s->begin || *q != ' ')
        return false;
    while (q > s->begin && p - q <= 4 && (ascii_is_digit(q[-1]) || q[-1] == '.'))
        q--;
    return q - s->begin >= (ptrdiff_t)head.n && memcmp(q - head.n, head.p, head.n) == 0;
}

/* "responded with 503": a status that is an error, behind these words. */
static bool
is_status(const struct before *b, const char *p)
{
    static const struct str words[] = {STR_INIT("with"),     STR_INIT("returned"),
                                       STR_INIT("response"), STR_INIT("got"),
                                       STR_INIT("received"), STR_INIT("answered"),
                                       STR_INIT("replied"),  STR_INIT("was")};

    return *p >= '4' && is_word(b, words, COUNT_OF(words)) && is_between(b, " :");
}

/* "404 Client Error", "502 Server Error", "error: (404) Not Found". */
static bool
is_http_error(const struct parameterize *s, const struct before *b, const char *p,
              const char *digits)
{
    static const struct str error = STR_INIT("error");
    struct str rest = {digits, (size_t)(pattern_end(s) - digits)};

    return digits - p == 3 && *p >= '1' && *p <= '5' &&
           (str_starts(rest, STR(" Client Error")) ||
            str_starts(rest, STR(" Server Error")) || is_behind_http(s, p) ||
            is_status(b, p) ||
            (str_starts(rest, STR(")")) && is_word(b, &error, 1) &&
             is_between(b, " :(") && p[-1] == '('));
}

/* "ERROR: 23505: duplicate key", as PostgreSQL writes it with \set VERBOSITY verbose. */
static bool
is_sqlstate(const struct parameterize *s, const struct before *b, const char *p,
            const char *digits)
{
    static const struct str error = STR_INIT("error");

    return digits - p == CODE_MAX_DIGITS && digits < pattern_end(s) && *digits == ':' &&
           is_word(b, &error, 1) && is_between(b, ": ");
}

/* "550 5.1.1", "550-5.1.1": what a mail server adds to its code. */
static size_t
enhanced_status(struct parameterize *s, const char *p)
{
    const char *q = p + 1, *end = pattern_end(s);

    if (s->code_end == NULL || p - s->code_end != 1 ||
        (*s->code_end != ' ' && *s->code_end != '-') ||
        (*p != '2' && *p != '4' && *p != '5'))
        return 0;
    for (int i = 0; i < 2; i++) {
        if (end - q < 2 || *q != '.' || !ascii_is_digit(q[1]))
            return 0;
        q = pattern_digits(s, q + 1);
    }
    return pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

/* "ERROR 1062 (23000)": the second one, too. */
static bool
is_second(const struct parameterize *s, const char *p)
{
    return s->code_end != NULL && p - s->code_end == 2 && s->code_end[0] == ' ' &&
           s->code_end[1] == '(';
}

/* "0x80070005" behind HRESULT, code or error. */
static size_t
hex_code(struct parameterize *s, const char *p, const struct before *b)
{
    size_t n;

    if (pattern_end(s) - p < 3 || p[0] != '0' || (p[1] != 'x' && p[1] != 'X') ||
        !announces_code(s, b))
        return 0;
    n = pattern_hex_run(s, p + 2);
    return n == HEX_CODE_DIGITS && pattern_edge(s, p + 2 + n) ? 2 + n : 0;
}

/* The "1" of "HTTP/1.1" is not all of it. */
static bool
is_fraction(const struct parameterize *s, const char *q)
{
    return pattern_end(s) - q >= 2 && *q == '.' && ascii_is_digit(q[1]);
}

size_t
pattern_code(struct parameterize *s, const char *p)
{
    const char *digits = *p == '-' ? p + 1 : p, *q, *end = pattern_end(s);
    struct before b;
    size_t n;

    if (digits == end || !ascii_is_digit(*digits) || !pattern_start(s, p))
        return 0;
    b = look_back(s, p);
    n = hex_code(s, p, &b);
    if (n > 0)
        return n;
    n = enhanced_status(s, p);
    if (n > 0)
        return n;
    q = pattern_digits(s, digits);
    if (q - digits <= CODE_MAX_DIGITS && pattern_edge(s, q) && !is_fraction(s, q) &&
        (announces_code(s, &b) || is_http_error(s, &b, p, q) || is_second(s, p) ||
         is_sqlstate(s, &b, p, q))) {
        s->code_end = q;
        return (size_t)(q - p);
    }
    if (!announces_name(&b))
        return 0;
    while (end - q > 1 && (*q == '.' || *q == '-') && ascii_is_digit(q[1]))
        q = pattern_digits(s, q + 1);
    return pattern_edge(s, q) ? (size_t)(q - p) : 0;
}

/* Some frameworks' errors are an address: of Svelte and Vue, it is all of the text. */
size_t
pattern_error_url(struct parameterize *s, const char *p)
{
    static const struct str heads[] = {
        STR_INIT("https://svelte.dev/e/"), STR_INIT("https://vuejs.org/error-reference/"),
        STR_INIT("https://vuejs.org/errors/"), STR_INIT("https://angular.dev/errors/"),
        STR_INIT("https://angular.io/errors/")};
    struct str rest = {p, (size_t)(pattern_end(s) - p)};

    if (*p != 'h')
        return 0;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        size_t n = heads[i].n;

        if (!str_starts(rest, heads[i]))
            continue;
        while (n < rest.n && !ascii_is_blank(rest.p[n]) && rest.p[n] != '?')
            n++;
        s->looked_at += n;
        return n;
    }
    return 0;
}
