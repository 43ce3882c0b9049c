#include "grouping_v2/function.h"

#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"

struct str
v2_function_cut(struct str name)
{
    if (name.n <= LIMIT_FUNCTION_BYTES)
        return name;
    name.n = LIMIT_FUNCTION_BYTES;
    while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0U) == 0x80U)
        name.n--;
    return name;
}

#define RUST_HASH 16U
#define MSVC_HASH 32U

struct demangled {
    const char *p, *end; /* the rest of the input */
    const char *begin;
    char *out, *at; /* the output */
    char *word;     /* start of the current word, in out */
    struct str best;
    bool in_trait; /* within Rust's <Type as Trait> at the start */
    bool done;
};

static bool
at_text(const struct demangled *d, struct str word)
{
    return (size_t)(d->end - d->p) >= word.n && memcmp(d->p, word.p, word.n) == 0;
}

static void
put(struct demangled *d, struct str text)
{
    (void)memcpy(d->at, text.p, text.n);
    d->at += text.n;
}

/* Returns the end of the bracket that opens at p: after its closing bracket, or the end
 * of the text.  The > of -> closes nothing. */
static const char *
skip(const char *p, const char *end, char open, char close)
{
    int depth = 0;

    for (const char *q = p; q < end; q++) {
        if (*q == open)
            depth++;
        else if (*q == close && !(close == '>' && q[-1] == '-') && --depth == 0)
            return q + 1;
    }
    return end;
}

/* Ends the current word. */
static void
end_word(struct demangled *d)
{
    static const struct str qualifiers[] = {STR_INIT("const"),    STR_INIT("volatile"),
                                            STR_INIT("noexcept"), STR_INIT("&"),
                                            STR_INIT("&&"),       STR_INIT("throws"),
                                            STR_INIT("async"),    STR_INIT("rethrows")};
    struct str word = {d->word, (size_t)(d->at - d->word)};

    if (word.n == 0)
        return;
    if (str_eq(word, STR("->")) || str_eq(word, STR(":"))) {
        d->done = d->best.p != NULL;
        d->word = d->at;
        return;
    }
    for (size_t i = 0; i < COUNT_OF(qualifiers); i++)
        if (str_eq(word, qualifiers[i])) {
            d->word = d->at;
            return;
        }
    /* MSVC writes a blank between an operator and its generics. */
    if (d->best.p != NULL && str_starts(word, STR("<T>")) &&
        d->best.p + d->best.n == word.p)
        d->best.n += word.n;
    else
        d->best = word;
    d->word = d->at;
}

/* "operator<<", "operator()", "operator bool": these are not brackets. */
static void
take_operator(struct demangled *d)
{
    static const struct str symbols[] = {
        STR_INIT("<<="), STR_INIT(">>="), STR_INIT("<=>"), STR_INIT("->*"),
        STR_INIT("<<"),  STR_INIT(">>"),  STR_INIT("<="),  STR_INIT(">="),
        STR_INIT("->"),  STR_INIT("()"),  STR_INIT("[]"),  STR_INIT("<"),
        STR_INIT(">")};

    put(d, STR("operator"));
    d->p += 8;
    for (size_t i = 0; i < COUNT_OF(symbols); i++)
        if (at_text(d, symbols[i])) {
            put(d, symbols[i]);
            d->p += symbols[i].n;
            return;
        }
    if (d->end - d->p > 1 && d->p[0] == ' ' && ascii_is_alpha(d->p[1]))
        *d->at++ = *d->p++;
}

/* Returns the length of a lambda of clang or MSVC here, or 0. */
static size_t
lambda(const struct demangled *d)
{
    const char *q;
    size_t n = 0;

    if (at_text(d, STR("$_"))) {
        for (q = d->p + 2; q < d->end && ascii_is_digit(*q);)
            q++;
        return q > d->p + 2 && (q == d->end || !ascii_is_word(*q)) ? (size_t)(q - d->p)
                                                                   : 0;
    }
    if (at_text(d, STR("'lambda"))) {
        q = memchr(d->p + 1, '\'', (size_t)(d->end - d->p) - 1);
        return q == NULL ? 0 : (size_t)(q + 1 - d->p);
    }
    if (!at_text(d, STR("lambda_")))
        return 0;
    for (q = d->p + 7; q < d->end && ascii_is_hex(*q) && n < MSVC_HASH; q++)
        n++;
    return n == MSVC_HASH ? (size_t)(q - d->p) : 0;
}

/* "{lambda(int)#1}" is a lambda, "{closure#0}" a closure; others stay unchanged. */
static void
take_brace(struct demangled *d)
{
    const char *close = skip(d->p, d->end, '{', '}');
    struct str inside = {d->p, (size_t)(close - d->p)};
    const char *number = memchr(inside.p, '#', inside.n);

    if (str_starts(inside, STR("{lambda"))) {
        put(d, STR("lambda"));
    } else if (number != NULL) {
        put(d, (struct str){inside.p, (size_t)(number - inside.p)});
        *d->at++ = '}';
    } else {
        put(d, inside);
    }
    d->p = close;
}

static void
take_angle(struct demangled *d)
{
    const char *close;

    if (!d->in_trait &&
        (d->p == d->begin || (d->p == d->begin + 1 && *d->begin == '_'))) {
        d->in_trait = true;
        *d->at++ = *d->p++;
        return;
    }
    close = skip(d->p, d->end, '<', '>');
    d->p++;
    put(d, lambda(d) > 0 ? STR("lambda") : STR("<T>"));
    d->p = close;
}

/* Removes arguments; keeps an anonymous namespace. */
static void
take_parenthesis(struct demangled *d)
{
    static const struct str nameless = STR_INIT("(anonymous namespace)");

    if (at_text(d, nameless)) {
        put(d, nameless);
        d->p += nameless.n;
    } else {
        d->p = skip(d->p, d->end, '(', ')');
        if (d->p < d->end && ascii_is_alpha(*d->p) && !d->in_trait)
            end_word(d); /* "f()const" */
    }
}

static void
take_plain(struct demangled *d)
{
    bool starts = d->p == d->begin || !ascii_is_word(d->p[-1]);
    size_t n = starts || *d->p == '$' ? lambda(d) : 0;

    if (n > 0) {
        put(d, STR("lambda"));
        d->p += n;
    } else if (starts && at_text(d, STR("operator")) &&
               (d->end - d->p == 8 || !ascii_is_word(d->p[8]))) {
        take_operator(d);
    } else {
        *d->at++ = *d->p++;
    }
}

static void
take(struct demangled *d)
{
    static const struct str msvc = STR_INIT("`anonymous namespace'");

    switch (*d->p) {
    case '(':
        take_parenthesis(d);
        break;
    case '<':
        take_angle(d);
        break;
    case '{':
        take_brace(d);
        break;
    case '`':
        if (at_text(d, msvc)) {
            put(d, msvc);
            d->p += msvc.n;
        } else {
            *d->at++ = *d->p++;
        }
        break;
    case '>':
        d->in_trait = d->in_trait && d->p[-1] == '-';
        *d->at++ = *d->p++;
        break;
    case ' ':
        if (d->in_trait)
            *d->at++ = *d->p;
        else
            end_word(d);
        d->p++;
        break;
    default:
        take_plain(d);
        break;
    }
}

/* Removes text after the name: "[clone .cold]", ".isra.0", " + 42". */
static struct str
without_trailers(struct str name)
{
    static const struct str marks[] = {
        STR_INIT(" [clone "),   STR_INIT(".isra."), STR_INIT(".constprop."),
        STR_INIT(".part."),     STR_INIT(".llvm."), STR_INIT(".cold"),
        STR_INIT(".lto_priv."), STR_INIT(" + 0x"),  STR_INIT("+0x")};
    size_t n;

    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        const char *at = memmem(name.p, name.n, marks[i].p, marks[i].n);

        if (at != NULL && at > name.p)
            name.n = (size_t)(at - name.p);
    }
    for (n = name.n; n > 0 && ascii_is_digit(name.p[n - 1]);)
        n--;
    if (n > 3 && n < name.n && memcmp(name.p + n - 3, " + ", 3) == 0)
        name.n = n - 3;
    return name;
}

/* "::h0123456789abcdef", "@GLIBC_2.2.5", "@name@12" */
static struct str
without_marks(struct str name)
{
    size_t n = name.n, digits;
    const char *at;

    while (n > 0 && ascii_is_hex(name.p[n - 1]))
        n--;
    if (name.n - n == RUST_HASH && n > 3 && memcmp(name.p + n - 3, "::h", 3) == 0)
        name.n = n - 3;
    at = memmem(name.p, name.n, "@GLIBC", 6);
    if (at == NULL)
        at = memmem(name.p, name.n, "@@", 2);
    if (at != NULL && at > name.p)
        name.n = (size_t)(at - name.p) - (at[-1] == '@' ? 1 : 0);
    for (digits = name.n; digits > 0 && ascii_is_digit(name.p[digits - 1]);)
        digits--;
    if (digits < name.n && digits > 1 && name.p[digits - 1] == '@') {
        name.n = digits - 1;
        if (name.n > 1 && name.p[0] == '@')
            name = (struct str){name.p + 1, name.n - 1};
    }
    return name;
}

static bool
is_address(struct str name)
{
    size_t i = 2;

    if (!str_starts(name, STR("0x")))
        return false;
    while (i < name.n && ascii_is_hex(name.p[i]))
        i++;
    return i == name.n;
}

int
v2_function_clean_native(struct arena *a, struct str name, struct str *out,
                         struct error *e)
{
    struct demangled d;

    name = v2_function_cut(str_trim(name));
    *out = STR_NONE;
    if (name.n == 0 || str_eq(name, STR("<redacted>")) ||
        str_eq(name, STR("<unknown>")) || str_eq(name, STR("?")) || is_address(name))
        return 0;
    *out = name;
    if (name.p[0] == '[' || str_starts(name, STR("-[")) || str_starts(name, STR("+[")))
        return 0;
    name = without_trailers(name);
    /* The largest growth is from "<" to "<T>". */
    d = (struct demangled){
        .p = name.p, .begin = name.p, .end = name.p + name.n, .best = STR_NONE};
    d.out = d.at = d.word = arena_get(a, 6 * name.n + 32);
    if (d.out == NULL)
        return error_no_memory(e);
    while (d.p < d.end && !d.done)
        take(&d);
    if (!d.done)
        end_word(&d);
    *out = without_marks(d.best.n > 0 ? d.best : name);
    return 0;
}

#define ERB_DIGITS 4U

static bool
is_one_of(struct str name, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

/* Returns the last occurrence of word in text, or NULL. */
static const char *
last_of(struct str text, struct str word)
{
    for (size_t i = text.n; i >= word.n; i--)
        if (memcmp(text.p + i - word.n, word.p, word.n) == 0)
            return text.p + i - word.n;
    return NULL;
}

/* Returns the first one, or NULL. */
static const char *
first_of(struct str text, struct str word)
{
    return text.n == 0 ? NULL : memmem(text.p, text.n, word.p, word.n);
}

static struct str
before(struct str text, const char *at)
{
    return at == NULL ? text : (struct str){text.p, (size_t)(at - text.p)};
}

static struct str
behind(struct str text, const char *at, size_t skip)
{
    return (struct str){at + skip, (size_t)(text.p + text.n - at) - skip};
}

static bool
ends_with(struct str text, struct str word)
{
    return text.n >= word.n && memcmp(text.p + text.n - word.n, word.p, word.n) == 0;
}

static struct str
javascript(struct str name)
{
    static const struct str nameless[] = {
        STR_INIT(""), STR_INIT("?"), STR_INIT("<anonymous>"),
        STR_INIT("<anonymous function>"), STR_INIT("Anonymous function")};
    const char *dot;

    if (ends_with(name, STR("/<")))
        return STR_NONE;
    name = before(name, first_of(name, STR(" [as ")));
    name = before(name, first_of(name, STR(" (index ")));
    dot = last_of(name, STR("."));
    if (dot != NULL)
        name = behind(name, dot, 1);
    return is_one_of(name, nameless, COUNT_OF(nameless)) ? STR_NONE : name;
}

/* Removes the digits at the end, and one of the marks before them. */
static struct str
without_number(struct str name, const char *marks)
{
    size_t n = name.n;

    while (n > 0 && ascii_is_digit(name.p[n - 1]))
        n--;
    if (n == 0 || n == name.n || strchr(marks, name.p[n - 1]) == NULL)
        return name;
    return (struct str){name.p, n - 1};
}

/* Java's lambdas have no name of their own; in those of Kotlin and Scala and in accessors
 * only the number changes. */
static struct str
java(struct str name)
{
    if (str_starts(name, STR("lambda$")))
        return STR_NONE;
    if (first_of(name, STR("$lambda")) != NULL ||
        first_of(name, STR("$anonfun$")) != NULL || str_starts(name, STR("access$")))
        return without_number(name, "$-");
    return name;
}

/* Anonymous classes contain a NUL, which is U+FFFD here, and their location. */
static struct str
php(struct str name)
{
    if (str_starts(name, STR("[Anonymous")))
        return STR_NONE;
    if (str_starts(name, STR("class@anonymous"))) {
        const char *colons = last_of(name, STR("::"));

        return colons == NULL ? STR_NONE : behind(name, colons, 2);
    }
    /* PHP 8.4 adds the location of a closure: "{closure:/srv/a.php:12}". */
    if (first_of(name, STR("{closure:")) != NULL)
        return STR("{closure}");
    return name;
}

/* If the name ends in a mark and a number of ERB_DIGITS digits or more, cuts it there.
 * Returns whether it did. */
static bool
cut_number(struct str *name, struct str mark)
{
    size_t n = name->n;

    while (n > 0 && ascii_is_digit(name->p[n - 1]))
        n--;
    if (name->n - n < ERB_DIGITS || !ends_with(before(*name, name->p + n), mark))
        return false;
    name->n = n - mark.n;
    return true;
}

static struct str
ruby(struct str name)
{
    struct str cut = name;

    if (str_starts(name, STR("block ")))
        return STR("block");
    if (cut_number(&cut, STR("_")) &&
        (cut_number(&cut, STR("___")) || cut_number(&cut, STR("__"))))
        return cut;
    return name;
}

static bool
is_counter(char c)
{
    return ascii_is_digit(c) || c == '_';
}

/* "<Main>b__0_1", "<>c__DisplayClass3_0", "<Run>d__5", "<Main>g__Local|0_1": the numbers
 * depend on the order of appearance. */
static int
csharp(struct arena *a, struct str name, struct str *out, struct error *e)
{
    char *p, *at;

    name = before(name, first_of(name, STR(" (")));
    name = before(name, first_of(name, STR("[[")));
    *out = name;
    if (first_of(name, STR("__")) == NULL)
        return 0;
    p = at = arena_get(a, name.n);
    if (p == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < name.n; i++) {
        struct str made = {p, (size_t)(at - p)};

        if (is_counter(name.p[i]) &&
            (ends_with(made, STR("b__")) || ends_with(made, STR("d__")) ||
             ends_with(made, STR("c__")) || ends_with(made, STR("DisplayClass")) ||
             ends_with(made, STR("|"))))
            continue;
        *at++ = name.p[i];
    }
    *out = (struct str){p, (size_t)(at - p)};
    return 0;
}

/* Closures are numbered: "main.run.func1.2"; instances of generics are "[...]". */
static struct str
go(struct str name)
{
    const char *func = first_of(name, STR(".func"));
    const char *bracket = first_of(name, STR("[...]"));

    if (bracket != NULL && (func == NULL || bracket < func))
        return before(name, bracket);
    if (func == NULL || func + 5 == name.p + name.n || !ascii_is_digit(func[5]))
        return name;
    return before(name, func + 5);
}

/* Not in the middle of a character. */
int
v2_function_clean(struct arena *a, enum family family, struct str name, struct str *out,
                  struct error *e)
{
    *out = name = v2_function_cut(name);
    switch (family) {
    case FAMILY_OTHER:
    case FAMILY_PYTHON:
        break;
    case FAMILY_JAVASCRIPT:
        *out = javascript(name);
        break;
    case FAMILY_JAVA:
        *out = java(name);
        break;
    case FAMILY_PHP:
        *out = php(name);
        break;
    case FAMILY_RUBY:
        *out = ruby(name);
        break;
    case FAMILY_CSHARP:
        return csharp(a, name, out, e);
    case FAMILY_GO:
        *out = go(name);
        break;
    case FAMILY_NATIVE:
        return v2_function_clean_native(a, name, out, e);
    }
    if (out->n == 0)
        *out = STR_NONE;
    return 0;
}
