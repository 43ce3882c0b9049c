/* Values after the name of a secret.  The name ends before the mark ('=' or ':') and is
 * searched backwards, the value forwards; the context decides how certain the name must
 * be: in prose ("invalid token: expired") a colon means little. */
#include <string.h>

#include "base/ascii.h"
#include "scrub/scrub_scan.h"

#define NAME_MAX 64U   /* bytes of a name that are examined */
#define BLANKS_MAX 16U /* between name, mark and value */
#define DEPTH_MAX 64   /* nested brackets; deeper ones are cut to the end */

/* The two sides of a mark. */
struct pair {
    struct str name;
    const char *value;                     /* its start: its quote, if it has one */
    bool quoted_name, arrow, colon, blank; /* blank: before an unquoted value */
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool
is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

static bool
is_name(char c)
{
    return ascii_is_word(c) || c == '-' || c == '.' || c == '[' || c == ']' || c == '%' ||
           c == '$' || c == '@';
}

static const struct str filtered = STR_INIT(SCRUB_FILTERED);

/* Returns whether a name cannot extend before p, because something was removed there. */
static bool
is_wall(const struct scrub_scan *x, const char *p)
{
    return p == x->at || (p[-1] == ']' && (size_t)(p - x->at) >= filtered.n &&
                          memcmp(p - filtered.n, filtered.p, filtered.n) == 0);
}

/* Returns the name that ends at the quote before p; absent when there is none. */
static struct str
quoted_name(struct scrub_scan *x, const char *p)
{
    char quote = *--p;
    const char *end = p, *from;

    while (end > x->at && p - end < 4 && end[-1] == '\\')
        end--;
    from = end;
    while (end - from < (ptrdiff_t)NAME_MAX && !is_wall(x, from) && from[-1] != quote)
        from--;
    x->looked_at += (size_t)(p - from) + 1;
    if (is_wall(x, from) || from[-1] != quote)
        return STR_NONE;
    return (struct str){from, (size_t)(end - from)};
}

static struct str
bare_name(struct scrub_scan *x, const char *end)
{
    const char *from = end;

    while (end - from < (ptrdiff_t)NAME_MAX && !is_wall(x, from) && is_name(from[-1]))
        from--;
    x->looked_at += (size_t)(end - from) + 1;
    return (struct str){from, (size_t)(end - from)};
}

/* Finds the value after the mark at p; the name ends at *end.  Returns false when this is
 * not a pair. */
static bool
find_value(struct scrub_scan *x, const char *p, const char **end, struct pair *out)
{
    const char *value = p + 1;

    *end = p;
    *out = (struct pair){.colon = *p == ':'};
    if (!out->colon && p > x->at && p[-1] == ':') /* := */
        --*end;
    if (*end > x->at && scrub_is_one_of((*end)[-1], "=!<>+*:"))
        return false;
    if (value < x->end && *value == '>' && !out->colon) {
        out->arrow = true;
        value++;
    } else if (value < x->end && (*value == '=' || *value == ':')) {
        return false;
    }
    for (size_t n = 0; n < BLANKS_MAX && value < x->end && is_blank(*value); n++)
        value++;
    out->blank = value > p + 1 + out->arrow;
    out->value = value;
    x->looked_at += (size_t)(value - p);
    return value < x->end;
}

/* Finds the name that ends before end. */
static bool
find_name(struct scrub_scan *x, const char *end, struct pair *out)
{
    for (size_t n = 0; n < BLANKS_MAX && end > x->at && is_blank(end[-1]); n++)
        end--;
    if (end == x->at)
        return false;
    out->quoted_name = is_quote(end[-1]);
    out->name = out->quoted_name ? quoted_name(x, end) : bare_name(x, end);
    return out->name.n > 0;
}

/* Returns whether the value can be quoted: "…", b'…', \"…\". */
static bool
may_be_quoted(const struct scrub_scan *x, const char *p)
{
    for (size_t n = 0; n < 3 && p < x->end; n++, p++) {
        if (is_quote(*p) || *p == '\\')
            return true;
        if (!ascii_is_alpha(*p))
            break;
    }
    return false;
}

/* The position after the quote that matches the one at p, with `slashes` before it. */
static const char *
quote_end(struct scrub_scan *x, const char *p, size_t slashes)
{
    const char *from = p + 1, *at;
    size_t run = 0;

    for (at = from; at < x->end; at++) {
        if (*at == '\\') {
            run++;
            continue;
        }
        if (*at == *p && (slashes == 0 ? run % 2 == 0 : run <= slashes))
            break;
        run = 0;
    }
    x->looked_at += (size_t)(at - p);
    return at;
}

/* The position after the bracket that matches the one at p, or the end of the text. */
static const char *
bracket_end(struct scrub_scan *x, const char *p)
{
    const char *at = p;
    int depth = 0;

    for (; at < x->end; at++) {
        if (*at == '"' || *at == '\'') {
            at = quote_end(x, at, at > p && at[-1] == '\\' ? 1 : 0);
            if (at == x->end)
                break;
        } else if (*at == '{' || *at == '[' || *at == '(') {
            depth++;
        } else if ((*at == '}' || *at == ']' || *at == ')') && --depth == 0) {
            at++;
            break;
        }
        if (depth > DEPTH_MAX)
            at = x->end - 1;
    }
    x->looked_at += (size_t)(at - p);
    return at;
}

/* "{}", "{0}", "{name}", "{{ name }}" */
static bool
is_braces(struct str v)
{
    if (v.n < 2 || v.n > NAME_MAX || v.p[v.n - 1] != '}')
        return false;
    for (size_t i = 1; i + 1 < v.n; i++)
        if (!ascii_is_word(v.p[i]) && !scrub_is_one_of(v.p[i], "{}.!: "))
            return false;
    return memchr(v.p, ' ', v.n) == NULL || v.p[1] == '{';
}

/* Returns whether it is a placeholder: "%s", "{}", "?", "$1", "${x}". */
static bool
is_place(struct str v)
{
    if (v.n < 2)
        return v.n == 1 && v.p[0] == '?';
    switch (v.p[0]) {
    case '%':
        return (v.n == 2 && scrub_is_one_of(v.p[1], "srdvqi@")) ||
               (v.n > 3 && v.p[1] == '(' && v.p[v.n - 2] == ')');
    case '$':
        return (v.n == 2 && ascii_is_digit(v.p[1])) ||
               is_braces((struct str){v.p + 1, v.n - 1});
    case '{':
        return is_braces(v);
    default:
        return false;
    }
}

/* Up to a blank or a separator of values, without brackets and full stops at its end. */
static const char *
bare_end(struct scrub_scan *x, const char *p)
{
    const char *at = p;

    while (at < x->end && !ascii_is_blank(*at) && !scrub_is_one_of(*at, "&;,\"'`<>|")) {
        if (*at == '\\' && at + 1 < x->end && (is_quote(at[1]) || at[1] == '\\'))
            break;
        at++;
    }
    x->looked_at += (size_t)(at - p);
    if (is_place((struct str){p, (size_t)(at - p)}))
        return at;
    while (at > p + 1 && scrub_is_one_of(at[-1], ")}].:!") && !is_wall(x, at))
        at--;
    return at;
}

static bool
is_any_of(struct str word, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(word, words[i]))
            return true;
    return false;
}

bool
scrub_is_harmless(struct str v)
{
    static const struct str words[] = {
        STR_INIT("true"), STR_INIT("false"),     STR_INIT("null"), STR_INIT("none"),
        STR_INIT("nil"),  STR_INIT("undefined"), STR_INIT("yes"),  STR_INIT("no"),
        STR_INIT("on"),   STR_INIT("off")};
    bool stars = true;

    for (size_t i = 0; i < v.n && stars; i++)
        stars = v.p[i] == '*';
    return stars || str_eq(v, filtered) || is_any_of(v, words, COUNT_OF(words));
}

/* Words that continue a sentence: "Password: must have 8 characters". */
static bool
goes_on(struct str word)
{
    static const struct str words[] = {
        STR_INIT("a"),       STR_INIT("an"),       STR_INIT("and"),
        STR_INIT("are"),     STR_INIT("at"),       STR_INIT("can"),
        STR_INIT("cannot"),  STR_INIT("could"),    STR_INIT("does"),
        STR_INIT("empty"),   STR_INIT("error"),    STR_INIT("expected"),
        STR_INIT("expired"), STR_INIT("failed"),   STR_INIT("for"),
        STR_INIT("has"),     STR_INIT("in"),       STR_INIT("incorrect"),
        STR_INIT("invalid"), STR_INIT("is"),       STR_INIT("it"),
        STR_INIT("may"),     STR_INIT("mismatch"), STR_INIT("missing"),
        STR_INIT("must"),    STR_INIT("not"),      STR_INIT("of"),
        STR_INIT("please"),  STR_INIT("required"), STR_INIT("should"),
        STR_INIT("the"),     STR_INIT("this"),     STR_INIT("too"),
        STR_INIT("unable"),  STR_INIT("was"),      STR_INIT("were"),
        STR_INIT("will"),    STR_INIT("with"),     STR_INIT("wrong"),
    };

    while (word.n > 0 && (word.p[word.n - 1] == '.' || word.p[word.n - 1] == '!'))
        word.n--;
    return is_any_of(word, words, COUNT_OF(words));
}

/* Returns whether it could be a token rather than a natural word. */
static bool
looks_secret(struct str word)
{
    size_t digits = 0, capitals = 0, small = 0;

    for (size_t i = 0; i < word.n; i++) {
        digits += ascii_is_digit(word.p[i]);
        capitals += i > 0 && ascii_is_upper(word.p[i]);
        small += ascii_is_lower(word.p[i]);
    }
    return word.n >= 16 || (word.n >= 6 && (digits > 0 || (capitals > 1 && small > 0)));
}

/* After "Bearer", "Basic" and the like there is one more word, or a whole line. */
static const char *
header_end(struct scrub_scan *x, const struct pair *y, const char *end)
{
    const char *p = y->value;

    static const struct str schemes[] = {
        STR_INIT("bearer"), STR_INIT("basic"), STR_INIT("token"),     STR_INIT("apikey"),
        STR_INIT("key"),    STR_INIT("ntlm"),  STR_INIT("negotiate"), STR_INIT("dpop")};

    if (is_any_of((struct str){p, (size_t)(end - p)}, schemes, COUNT_OF(schemes))) {
        while (end < x->end && is_blank(*end) && end - p < 32)
            end++;
        return bare_end(x, end);
    }
    while (y->colon && end < x->end && *end != '\n' && *end != '\r' && !is_quote(*end) &&
           *end != '\\')
        end++;
    x->looked_at += (size_t)(end - p);
    return end;
}

/* Cuts the text between the quotes of a quoted value.  *p: where the value begins. */
static bool
take_quoted(struct scrub_scan *x, const char *p, struct str *cut)
{
    const char *at = p;
    size_t slashes = 0;

    while (at < x->end && at - p < 2 && ascii_is_alpha(*at)) /* b'…', u"…" */
        at++;
    while (at < x->end && slashes < 4 && *at == '\\') {
        at++;
        slashes++;
    }
    if (at == x->end || !is_quote(*at))
        return false;
    cut->p = at + 1;
    at = quote_end(x, at, slashes);
    cut->n = (size_t)(at - cut->p);
    while (slashes > 0 && cut->n > 0 && cut->p[cut->n - 1] == '\\') {
        cut->n--;
        slashes--;
    }
    return true;
}

/* Returns whether an unquoted value counts, given these bits of the name. */
static bool
believes(const struct pair *y, unsigned bits, struct str value)
{
    if (!y->colon || y->quoted_name || (bits & SCRUB_NAME_HEADER) != 0)
        return true;
    if (scrub_holds_filtered(value))
        return false;
    if ((bits & SCRUB_NAME_WORD) != 0)
        return !goes_on(value);
    return looks_secret(value);
}

static bool
take_bare(struct scrub_scan *x, const struct pair *y, unsigned bits, struct str *cut)
{
    const char *p = y->value, *end;

    if (scrub_is_filtered(x, p))
        return false;
    if (*p == '{' || *p == '[' || *p == '(') {
        if (y->colon && !y->quoted_name)
            return false;
        end = bracket_end(x, p);
        *cut = (struct str){p, (size_t)(end - p)};
        return *p == '{' || cut->n > 2;
    }
    end = bare_end(x, p);
    *cut = (struct str){p, (size_t)(end - p)};
    if (!believes(y, bits, *cut))
        return false;
    if ((bits & SCRUB_NAME_HEADER) == 0 || cut->n == 0)
        return true;
    if (!goes_on(*cut))
        cut->n = (size_t)(header_end(x, y, end) - p);
    /* "Authorization: Sentry" names a scheme without a credential. */
    return !y->colon || y->quoted_name || p + cut->n > end ||
           (looks_secret(*cut) && !scrub_holds_filtered(*cut));
}

/* In source code a colon separates name and value where a member may begin, but not in a
 * quoted sentence: `"invalid token: " + token`. */
static bool
is_member(const struct scrub_scan *x, const struct pair *y)
{
    const char *p = y->name.p;

    if (!y->colon || y->quoted_name)
        return true;
    if (p > x->begin && p[-1] == *y->value)
        return false;
    for (size_t n = 0; n < BLANKS_MAX && p > x->begin && is_blank(p[-1]); n++)
        p--;
    return p == x->begin || x->mode != SCRUB_SOURCE || scrub_is_one_of(p[-1], "{,(");
}

/* p: the mark. */
bool
scrub_pair(struct scrub_scan *x, const char *p, struct str *cut)
{
    struct pair y;
    const char *end;
    unsigned bits;
    bool quoted;

    if (!find_value(x, p, &end, &y))
        return false;
    if (x->mode == SCRUB_CODE && (y.colon || y.arrow || y.blank))
        return false;
    if (x->mode == SCRUB_SOURCE && !may_be_quoted(x, y.value))
        return false;
    if (!find_name(x, end, &y) || !is_member(x, &y))
        return false;
    bits = scrub_names_find(x->names, y.name);
    if ((bits & SCRUB_NAME_SECRET) == 0)
        return false;
    quoted = take_quoted(x, y.value, cut);
    if (!quoted) {
        if (x->mode == SCRUB_SOURCE)
            return false;
        if (y.colon && !y.quoted_name && (bits & SCRUB_NAME_PROSE) == 0)
            return false;
        if (!take_bare(x, &y, bits, cut))
            return false;
    }
    if (is_place(*cut)) {
        x->blank_pair = true;
        return false;
    }
    return cut->n > 0 && !scrub_is_harmless(*cut) && !scrub_is_filtered(x, cut->p);
}

/* Returns where a cut that ends with an argument's value begins: there, or in the name if
 * a secret is part of it, since the name is not examined again.  A name has no blank, so
 * it contains no argument. */
static const char *
argument_begin(struct scrub_scan *x, struct str name, const char *value)
{
    struct scrub_scan inner;
    struct str found;
    bool any;

    scrub_scan_begin(&inner, x->names, name, x->mode, x->addresses);
    any = scrub_scan_next(&inner, &found);
    x->looked_at += inner.looked_at;
    return any ? found.p : value;
}

/* --password hunter2.  p: the first dash. */
bool
scrub_argument(struct scrub_scan *x, const char *p, struct str *cut)
{
    struct str name = {p + 2, 0};
    const char *at;

    while (name.n < scrub_left(x, p) - 2 && name.n < NAME_MAX &&
           (ascii_is_alnum(name.p[name.n]) || name.p[name.n] == '-' ||
            name.p[name.n] == '_'))
        name.n++;
    x->looked_at += name.n + 2;
    at = name.p + name.n;
    if (name.n == 0 || name.p[0] == '-' || x->mode == SCRUB_CODE || at == x->end ||
        !is_blank(*at) || (p > x->begin && !ascii_is_blank(p[-1])))
        return false;
    if ((scrub_names_find(x->names, name) & SCRUB_NAME_SECRET) == 0)
        return false;
    while (at < x->end && is_blank(*at) && (size_t)(at - name.p) < name.n + 4)
        at++;
    if (at == x->end || *at == '-')
        return false;
    if (!take_quoted(x, at, cut))
        *cut = (struct str){at, (size_t)(bare_end(x, at) - at)};
    if (cut->n == 0 || scrub_is_harmless(*cut) || is_place(*cut) ||
        scrub_is_filtered(x, cut->p))
        return false;
    at = cut->p + cut->n;
    cut->p = argument_begin(x, name, cut->p);
    cut->n = (size_t)(at - cut->p);
    return true;
}

/* <password>hunter2</password>.  p: the end of the first tag. */
bool
scrub_element(struct scrub_scan *x, const char *p, struct str *cut)
{
    const char *from = p, *end = p + 1;
    struct str tag;

    while (p - from < (ptrdiff_t)NAME_MAX && !is_wall(x, from) && from[-1] != '<')
        from--;
    x->looked_at += (size_t)(p - from);
    tag = (struct str){from, (size_t)(p - from)};
    if (is_wall(x, from) || tag.n == 0 || *from == '/' || x->mode == SCRUB_CODE ||
        memchr(tag.p, '>', tag.n) != NULL)
        return false;
    tag = str_cut(&tag, ' ');
    if ((scrub_names_find(x->names, tag) & SCRUB_NAME_SECRET) == 0)
        return false;
    while (end < x->end && *end != '<')
        end++;
    x->looked_at += (size_t)(end - p);
    *cut = (struct str){p + 1, (size_t)(end - p) - 1};
    return scrub_left(x, end) > 1 && end[1] == '/' && cut->n > 0 &&
           !scrub_is_harmless(*cut) && !scrub_holds_filtered(*cut);
}
