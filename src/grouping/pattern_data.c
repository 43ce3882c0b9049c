/* Data that is not a number: in quotes, in lists, in brackets.  In quotes stands either a
 * value that came from outside, or the name of a thing of the program: the word before
 * the quotes tells which. */
#include <string.h>

#include "grouping/pattern.h"

#define WORD_MAX 12U
#define SEPARATORS_MAX 4U
#define ULID_LENGTH 26U
#define ID_MIN 10U
#define ID_MAX 64U
#define ID_TURNS 3U
#define SPELLED_MIN 4U
#define POD_HASH_MIN 8U
#define POD_HASH_MAX 10U
#define POD_SUFFIX 5U

/* Finds the closing quote or bracket; *none remembers that there is none to the end of
 * the line. */
static const char *
find_close(struct parameterize *s, const char *from, char close, bool *none)
{
    const char *end = pattern_end(s), *at;

    if (*none || from >= end)
        return NULL;
    at = memchr(from, close, (size_t)(end - from));
    s->looked_at += (size_t)((at == NULL ? end : at) - from);
    *none = at == NULL;
    return at;
}

/* Copies the word that ends before *p in lower case and moves *p to its beginning; skips
 * what may stand between it and a value. */
static struct str
word_before(struct parameterize *s, const char **p, char word[WORD_MAX])
{
    const char *q = *p, *end;
    size_t n = 0;

    while (q > s->begin && *p - q < (ptrdiff_t)SEPARATORS_MAX &&
           strchr(" :(", q[-1]) != NULL)
        q--;
    end = q;
    while (q > s->begin && ascii_is_word(q[-1]) && end - q <= (ptrdiff_t)WORD_MAX)
        q--;
    s->looked_at += (size_t)(*p - q);
    *p = q;
    if (end - q > (ptrdiff_t)WORD_MAX)
        return STR_NONE;
    for (const char *c = q; c < end; c++)
        word[n++] = ascii_lower(*c);
    return (struct str){word, n};
}

static bool
is_one_of(struct str text, const struct str *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(text, list[i]))
            return true;
    return false;
}

static bool
announces_data(struct parameterize *s, const char *p)
{
    static const struct str words[] = {
        STR_INIT("entry"),     STR_INIT("string"),    STR_INIT("float"),
        STR_INIT("int"),       STR_INIT("integer"),   STR_INIT("parsing"),
        STR_INIT("literal"),   STR_INIT("token"),     STR_INIT("value"),
        STR_INIT("values"),    STR_INIT("text"),      STR_INIT("near"),
        STR_INIT("data"),      STR_INIT("input"),     STR_INIT("number"),
        STR_INIT("date"),      STR_INIT("time"),      STR_INIT("datetime"),
        STR_INIT("timestamp"), STR_INIT("uuid"),      STR_INIT("json"),
        STR_INIT("url"),       STR_INIT("uri"),       STR_INIT("path"),
        STR_INIT("file"),      STR_INIT("directory"), STR_INIT("folder"),
        STR_INIT("host"),      STR_INIT("hostname"),  STR_INIT("address"),
        STR_INIT("email"),     STR_INIT("user"),      STR_INIT("password"),
        STR_INIT("id"),        STR_INIT("order"),     STR_INIT("account"),
        STR_INIT("customer"),  STR_INIT("session"),   STR_INIT("device"),
        STR_INIT("like"),      STR_INIT("ilike"),     STR_INIT("decimal"),
        STR_INIT("double"),    STR_INIT("boolean"),   STR_INIT("bool"),
        STR_INIT("numeric"),   STR_INIT("bigint"),    STR_INIT("got"),
        STR_INIT("received"),  STR_INIT("was"),       STR_INIT("command"),
        STR_INIT("regex"),     STR_INIT("enum"),      STR_INIT("locale"),
        STR_INIT("domain"),    STR_INIT("ip"),        STR_INIT("filename")};
    static const struct str call = STR_INIT("(): ");
    char word[WORD_MAX], other[WORD_MAX];
    struct str last, second;

    /* Ruby: "invalid value for Integer(): 'x'" */
    if (p - s->begin > (ptrdiff_t)call.n && memcmp(p - call.n, call.p, call.n) == 0)
        p -= call.n;
    last = word_before(s, &p, word);
    if (last.n == 0)
        return false;
    if (is_one_of(last, words, COUNT_OF(words)))
        return true;
    /* "with base 10: 'x'", "the value of 'x'"; "the return value of 'f()'" is a name */
    if (!ascii_is_digit(last.p[0]) && !str_eq(last, STR("of")))
        return false;
    second = word_before(s, &p, other);
    if (str_eq(second, STR("value")))
        return !str_eq(word_before(s, &p, other), STR("return"));
    return str_eq(second, STR("base"));
}

/* "= 'x'", "> 'x'", and what follows a value: "'x', 'y'", MySQL's "'user'@'host'". */
static bool
follows_data(struct parameterize *s, const char *p)
{
    const char *q = p;

    while (q > s->begin && p - q < (ptrdiff_t)SEPARATORS_MAX &&
           strchr(" ,.@", q[-1]) != NULL)
        q--;
    s->looked_at += (size_t)(p - q);
    return (q > s->begin && q < p && strchr("=<>", q[-1]) != NULL) ||
           (s->data_end != NULL && q <= s->data_end && p >= s->data_end);
}

size_t
pattern_quoted(struct parameterize *s, const char *p)
{
    const char *close;

    if ((*p != '\'' && *p != '"' && *p != '`') || !pattern_start(s, p))
        return 0;
    if (!follows_data(s, p) && !announces_data(s, p))
        return 0;
    close = find_close(s, p + 1, *p,
                       *p == '"'    ? &s->no_double_quote
                       : *p == '\'' ? &s->no_quote
                                    : &s->no_back_quote);
    if (close == NULL)
        return 0;
    s->data_end = close + 1;
    return (size_t)(close + 1 - p);
}

/* "IN (7)" and "IN (:a, :b)" are lists, "in (anonymous)" and "in (main thread)" are
 * places. */
static bool
is_list(const char *open, const char *close)
{
    size_t n = (size_t)(close - open);

    return n > 1 && open[1] != ' ' &&
           (ascii_is_digit(open[1]) || strchr("-'\"?$%:@", open[1]) != NULL ||
            (open[1] == 'N' && open[2] == '\'') || memchr(open, ',', n) != NULL);
}

/* "IN (1, 2, 3)", "VALUES ('a'), ('b')": however many there are. */
size_t
pattern_list(struct parameterize *s, const char *p)
{
    static const struct str words[] = {STR_INIT("in"), STR_INIT("values")};
    const char *q = p, *end = pattern_end(s), *close;
    char word[WORD_MAX];

    if (*p != '(' || !is_one_of(word_before(s, &q, word), words, COUNT_OF(words)) ||
        (*q != 'I' && *q != 'V' && *q != 'v' && *q != 'i'))
        return 0;
    close = find_close(s, p, ')', &s->no_round);
    if (close == NULL || !is_list(p, close))
        return 0;
    for (q = close + 1; close != NULL;) {
        const char *next = q;

        while (next < end && (*next == ' ' || *next == ','))
            next++;
        if (next == end || *next != '(' || next == q)
            break;
        close = find_close(s, next, ')', &s->no_round);
        if (close != NULL)
            q = close + 1;
    }
    return (size_t)(q - p);
}

/* PostgreSQL's "Key (email)=(ann@example.org)"; SQL Server's "key value is (30)". */
size_t
pattern_key_value(struct parameterize *s, const char *p)
{
    static const struct str is = STR_INIT("value is ");
    const char *close;

    if (*p != '(' || p == s->begin)
        return 0;
    if (p[-1] != '=' &&
        (p - s->begin < (ptrdiff_t)is.n || memcmp(p - is.n, is.p, is.n) != 0))
        return 0;
    close = find_close(s, p, ')', &s->no_round);
    return close == NULL ? 0 : (size_t)(close + 1 - p);
}

/* MongoDB's "dup key: { email: \"…\" }"; SQLAlchemy's "[SQL: …" and "[parameters: …". */
size_t
pattern_dump(struct parameterize *s, const char *p)
{
    static const struct str heads[] = {STR_INIT("[SQL: "), STR_INIT("[parameters: "),
                                       STR_INIT("[cached since ")};
    static const struct str key = STR_INIT("dup key: ");
    struct str rest = {p, (size_t)(pattern_end(s) - p)};

    if (*p == '{' && p - s->begin >= (ptrdiff_t)key.n &&
        memcmp(p - key.n, key.p, key.n) == 0) {
        const char *close = find_close(s, p, '}', &s->no_curly);

        return close == NULL ? 0 : (size_t)(close + 1 - p);
    }
    if (*p != '[')
        return 0;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (str_starts(rest, heads[i])) {
            s->looked_at += rest.n;
            return rest.n;
        }
    return 0;
}

/* Returns the length of "@1b2c3d4e", or 0. */
static size_t
identity(struct parameterize *s, const char *at)
{
    size_t n = pattern_hex_run(s, at + 1);

    return n >= 4 && n <= 16 && pattern_edge(s, at + 1 + n) ? 1 + n : 0;
}

static bool
is_of_class(char c)
{
    return ascii_is_word(c) || c == '.' || c == '$';
}

/* "com.acme.Order@1b2c3d4e" is no email; "ann@cafe" may be. */
static void
keep_class(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s), *at = p;
    size_t n;

    if (p < s->no_email || !is_of_class(*p) || (p > s->begin && is_of_class(p[-1])))
        return;
    while (at < end && is_of_class(*at))
        at++;
    s->looked_at += (size_t)(at - p);
    if (at == end || *at != '@')
        return;
    n = identity(s, at);
    if (n == 0 || (end - at > (ptrdiff_t)n + 1 && (at[n] == '.' || at[n] == '-') &&
                   is_of_class(at[n + 1])))
        return; /* a host */
    for (size_t i = 1; i < n; i++)
        if (ascii_is_digit(at[i]))
            s->no_email = at;
}

/* Java prints an object as its class and its address: "[Ljava.lang.String;@1b2c3d4e". */
size_t
pattern_identity(struct parameterize *s, const char *p)
{
    if (*p != '@') {
        keep_class(s, p);
        return 0;
    }
    if (p == s->begin || (!ascii_is_word(p[-1]) && p[-1] != ';'))
        return 0;
    return identity(s, p);
}

/* The kinds of characters of a word. */
struct made_of {
    size_t digits, lowers, uppers, turns; /* turns: between digits and letters */
    size_t spelled; /* letters in runs of SPELLED_MIN lower-case ones */
    bool crockford;
};

static struct made_of
made_of(const char *p, size_t n)
{
    struct made_of m = {.crockford = true};
    size_t run = 0;

    for (size_t i = 0; i < n; i++) {
        run = ascii_is_lower(p[i]) ? run + 1 : 0;
        m.spelled += run == SPELLED_MIN ? run : run > SPELLED_MIN;
        m.digits += ascii_is_digit(p[i]);
        m.lowers += ascii_is_lower(p[i]);
        m.uppers += ascii_is_upper(p[i]);
        m.turns += i > 0 && ascii_is_digit(p[i]) != ascii_is_digit(p[i - 1]);
        m.crockford = m.crockford && ((ascii_is_digit(p[i]) || ascii_is_alpha(p[i])) &&
                                      strchr("ILOUilou", p[i]) == NULL);
    }
    return m;
}

/* A ULID, or a word in which letters of both cases and digits are mixed as nobody would
 * write them: "k9Mtd2gDcgG". */
size_t
pattern_id(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s), *q = p;
    struct made_of m;
    size_t n;

    if (!ascii_is_alnum(*p) || !pattern_start(s, p))
        return 0;
    while (q < end && ascii_is_alnum(*q) && q - p <= (ptrdiff_t)ID_MAX)
        q++;
    n = (size_t)(q - p);
    s->looked_at += n;
    if (n < ID_MIN || n > ID_MAX || !pattern_edge(s, q))
        return 0;
    m = made_of(p, n);
    if (m.digits + m.lowers + m.uppers != n)
        return 0;
    if (n == ULID_LENGTH && m.crockford && m.digits > 1 && *p >= '0' && *p <= '7' &&
        (m.lowers == 0 || m.uppers == 0))
        return n;
    /* "Log4j2Configuration" is a name: most of it is spelled. */
    if (2 * m.spelled >= n)
        return 0;
    return m.lowers > 0 && m.uppers > 0 && m.digits > 1 && m.turns >= ID_TURNS ? n : 0;
}

/* Returns the length of a run of lower-case letters and digits that has a digit, or no
 * vowel, as Kubernetes makes them; or 0. */
static size_t
pod_run(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s), *q = p;
    bool digit = false, vowel = false;

    for (; q < end && (ascii_is_lower(*q) || ascii_is_digit(*q)) &&
           q - p <= (ptrdiff_t)POD_HASH_MAX;
         q++) {
        digit = digit || ascii_is_digit(*q);
        vowel = vowel || strchr("aeiou", *q) != NULL;
    }
    s->looked_at += (size_t)(q - p);
    return digit || !vowel ? (size_t)(q - p) : 0;
}

/* "web-7d9f8b6c5d-x2x4z": the name of the deployment stays. */
size_t
pattern_pod(struct parameterize *s, const char *p)
{
    const char *end = pattern_end(s);
    size_t hash, suffix;

    if (*p != '-' || p == s->begin || !ascii_is_alnum(p[-1]))
        return 0;
    hash = pod_run(s, p + 1);
    if (hash < POD_HASH_MIN || hash > POD_HASH_MAX || end - (p + 1 + hash) < 1 ||
        p[1 + hash] != '-')
        return 0;
    suffix = pod_run(s, p + 2 + hash);
    return suffix == POD_SUFFIX && pattern_edge(s, p + 2 + hash + suffix)
               ? 2 + hash + suffix
               : 0;
}
