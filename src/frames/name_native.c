#include "base/limits.h"
#include "frames/name_parts.h"

#define RUST_HASH 16U
#define MSVC_HASH 32U
#define SIGNATURE_DIGITS 40U

struct demangled {
    const char *p, *end; /* the rest of the input */
    const char *begin;
    char *out, *at; /* the output */
    char *word;     /* start of the current word, in out */
    struct str best;
    bool in_trait; /* within Rust's <Type as Trait> at the start */
    bool no_quote; /* none from here to the end */
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

/* Finds the closing quote behind the current character; looks in vain once only. */
static const char *
find_quote(struct demangled *d)
{
    const char *at =
        d->no_quote ? NULL : memchr(d->p + 1, '\'', (size_t)(d->end - d->p) - 1);

    d->no_quote = at == NULL;
    return at;
}

/* Returns the length of a lambda of clang or MSVC here, or 0. */
static size_t
lambda(struct demangled *d)
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
        q = find_quote(d);
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

/* MSVC's "`vector deleting destructor'" is one word. */
static void
take_quoted(struct demangled *d)
{
    const char *close = find_quote(d);

    do
        *d->at++ = *d->p++;
    while (close != NULL && d->p <= close);
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
            take_quoted(d);
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

/* Unity's IL2CPP adds the hash of the signature: "Foo_Bar_m7486FA1E8A22...". */
static struct str
without_signature(struct str name)
{
    size_t n = name.n;

    while (n > 0 && ascii_is_hex(name.p[n - 1]) && !ascii_is_lower(name.p[n - 1]))
        n--;
    if (name.n - n == SIGNATURE_DIGITS && n > 2 && memcmp(name.p + n - 2, "_m", 2) == 0)
        name.n = n - 2;
    return name;
}

static int
demangled(struct arena *a, struct str name, struct str *out, struct error *e)
{
    struct demangled d;

    *out = name;
    name = without_signature(without_trailers(name));
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

static bool
says_nothing(struct str name)
{
    return str_eq(name, STR("<redacted>")) || str_eq(name, STR("<unknown>")) ||
           str_eq(name, STR("?")) || str_eq(name, STR("???")) || is_address(name);
}

int
name_native(struct arena *a, struct str name, struct str module, struct name *out,
            struct error *e)
{
    (void)module;
    if (says_nothing(name))
        return 0;
    if (name.p[0] == '[' || str_starts(name, STR("-[")) || str_starts(name, STR("+["))) {
        out->full = name;
        return 0;
    }
    return demangled(a, name, &out->full, e);
}

/* "__45-[Foo bar:]_block_invoke_2" is a block of -[Foo bar:]. */
static bool
objc_block(struct str *name)
{
    struct str rest = *name;
    const char *at;

    if (!name_skip(&rest, STR("__")))
        return false;
    while (rest.n > 0 && ascii_is_digit(rest.p[0]))
        rest = name_behind(rest, rest.p, 1);
    if (!str_starts(rest, STR("-[")) && !str_starts(rest, STR("+[")))
        return false;
    at = name_first(rest, STR("_block_invoke"));
    *name = name_before(rest, at);
    return true;
}

/* Swift's compiler prints its inventions in words: the function after " in " is the
 * program's. */
static struct str
swift(struct str name)
{
    static const struct str words[] = {STR_INIT("specialized "),
                                       STR_INIT("merged "),
                                       STR_INIT("partial apply for "),
                                       STR_INIT("@objc "),
                                       STR_INIT("static "),
                                       STR_INIT("generic specialization "),
                                       STR_INIT("outlined "),
                                       STR_INIT("protocol witness for "),
                                       STR_INIT("dispatch thunk of ")};
    bool again = true;
    const char *at;

    at = name_first(name, STR("closure #"));
    if (at != NULL) {
        at = name_last(name, STR(" in "));
        if (at != NULL)
            name = name_behind(name, at, 4);
    }
    while (again) {
        again = false;
        for (size_t i = 0; i < COUNT_OF(words); i++)
            again = name_skip(&name, words[i]) || again;
    }
    name = name_before(name, name_first(name, STR(" -> ")));
    return name_before(name, name_first(name, STR(" throws")));
}

static bool
is_swift(struct str name)
{
    return name_first(name, STR("(_:")) != NULL || name_first(name, STR(":)")) != NULL ||
           name_first(name, STR(" in ")) != NULL ||
           name_first(name, STR("@objc ")) != NULL ||
           name_first(name, STR("specialized ")) != NULL || name_ends(name, STR("()"));
}

int
name_apple(struct arena *a, struct str name, struct str module, struct name *out,
           struct error *e)
{
    static const struct str variant = STR_INIT("$VARIANT$");
    struct str cut;

    (void)module;
    if (says_nothing(name) || str_eq(name, STR("<compiler-generated>")))
        return 0;
    name = name_before(name, name_first(name, variant));
    if (objc_block(&name) || str_starts(name, STR("-[")) || str_starts(name, STR("+["))) {
        out->full = name;
        return 0;
    }
    if (is_swift(name)) {
        out->full = swift(name);
        return 0;
    }
    cut = name;
    if (name_drop_digits(&cut) > 0 && name_ends(cut, STR("."))) {
        cut.n--;
        name = cut;
    }
    return demangled(a, name, &out->full, e);
}
