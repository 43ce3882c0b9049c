/* Rust has an old and a new mangling, which SDKs decode in several ways: this reads them
 * all as the path that the program's text has. */
#include "frames/name_parts.h"

/* Types within types: "<<A as B>::C as D>::e". */
#define DEPTH_MAX 16

#define HASH_DIGITS 16U

struct path {
    char *out, *at;
};

static struct str
without_trailers(struct str name)
{
    static const struct str marks[] = {STR_INIT(".llvm."), STR_INIT(" [clone "),
                                       STR_INIT(".cold"), STR_INIT(" + 0x")};
    size_t n;

    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        const char *at = name_first(name, marks[i]);

        if (at != NULL && at > name.p)
            name = name_before(name, at);
    }
    n = name.n;
    while (n > 0 && ascii_is_hex(name.p[n - 1]))
        n--;
    if (name.n - n == HASH_DIGITS && n > 3 && memcmp(name.p + n - 3, "::h", 3) == 0)
        name.n = n - 3;
    return name;
}

/* Decodes the escapes of the old mangling: "$LT$", "$u7b$", ".." for "::". */
static int
decode(struct arena *a, struct str *name, struct error *e)
{
    static const struct {
        struct str escape;
        struct str text;
    } known[] = {{STR_INIT("$LT$"), STR_INIT("<")},  {STR_INIT("$GT$"), STR_INIT(">")},
                 {STR_INIT("$LP$"), STR_INIT("(")},  {STR_INIT("$RP$"), STR_INIT(")")},
                 {STR_INIT("$C$"), STR_INIT(",")},   {STR_INIT("$RF$"), STR_INIT("&")},
                 {STR_INIT("$BP$"), STR_INIT("*")},  {STR_INIT("$u7b$"), STR_INIT("{")},
                 {STR_INIT("$u7d$"), STR_INIT("}")}, {STR_INIT("$u20$"), STR_INIT(" ")},
                 {STR_INIT("$u27$"), STR_INIT("'")}, {STR_INIT("$u5b$"), STR_INIT("[")},
                 {STR_INIT("$u5d$"), STR_INIT("]")}, {STR_INIT(".."), STR_INIT("::")}};

    char *p, *at;

    if (name_first(*name, STR("$")) == NULL)
        return 0;
    p = at = arena_get(a, name->n);
    if (p == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < name->n;) {
        struct str rest = {name->p + i, name->n - i};
        size_t k = 0;

        while (k < COUNT_OF(known) && !str_starts(rest, known[k].escape))
            k++;
        if (k == COUNT_OF(known)) {
            *at++ = name->p[i++];
            continue;
        }
        (void)memcpy(at, known[k].text.p, known[k].text.n);
        at += known[k].text.n;
        i += known[k].escape.n;
    }
    *name = (struct str){p, (size_t)(at - p)};
    if (str_starts(*name, STR("_<")))
        *name = name_behind(*name, name->p, 1);
    return 0;
}

/* Returns the length of the bracket that opens at the start of text; the > of -> closes
 * nothing. */
static size_t
bracket(struct str text, char open, char close)
{
    int depth = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == open)
            depth++;
        else if (text.p[i] == close && !(close == '>' && i > 0 && text.p[i - 1] == '-') &&
                 --depth == 0)
            return i + 1;
    }
    return text.n;
}

/* The text in a bracket of n bytes, which may lack its end. */
static struct str
within(struct str text, size_t n)
{
    return (struct str){text.p + 1, n - (text.p[n - 1] == '>' ? 2 : 1)};
}

/* Finds " as " outside of brackets. */
static const char *
find_as(struct str text)
{
    int depth = 0;

    for (size_t i = 0; i + 4 <= text.n; i++) {
        if (text.p[i] == '<')
            depth++;
        else if (text.p[i] == '>' && i > 0 && text.p[i - 1] != '-')
            depth--;
        else if (depth == 0 && memcmp(text.p + i, " as ", 4) == 0)
            return text.p + i;
    }
    return NULL;
}

/* A generic parameter, a reference or a closure has no name of its own. */
static bool
is_nameless_type(struct str type)
{
    static const struct str heads[] = {STR_INIT("&"),     STR_INIT("["),  STR_INIT("("),
                                       STR_INIT("impl "), STR_INIT("*"),  STR_INIT("{"),
                                       STR_INIT("dyn "),  STR_INIT("fn(")};

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (str_starts(type, heads[i]))
            return true;
    return type.n <= 2 && name_first(type, STR("::")) == NULL;
}

/* Removes a "::" at the end of the output. */
static void
drop_colons(struct path *p)
{
    while (p->at > p->out && p->at[-1] == ':')
        p->at--;
}

/* "{{closure}}", "{closure#0}", "{impl#3}", "{{vtable.shim}}" are no names; with their
 * "::" they go. */
static size_t
skip_brace(struct path *p, struct str rest)
{
    drop_colons(p);
    return bracket(rest, '{', '}');
}

/* Chooses the part of "T as Trait" that says more: the type, or the trait of a generic
 * parameter. */
static struct str
chosen(struct str inside)
{
    const char *as = find_as(inside);
    struct str type = name_before(inside, as);

    if (as != NULL && is_nameless_type(type))
        return name_behind(inside, as, 4);
    return type;
}

/* A type within a path, or the path itself. */
struct level {
    struct str text;
    size_t at;
    const char *out; /* where its output began */
};

/* Takes the next part of a level.  Returns whether a type within it is to be put first:
 * then sets *inner. */
static bool
take_part(struct path *p, struct level *l, bool may_enter, struct str *inner)
{
    struct str rest = {l->text.p + l->at, l->text.n - l->at};
    bool at_start = p->at == l->out;
    size_t n = 1;

    switch (*rest.p) {
    case '<':
        n = bracket(rest, '<', '>');
        l->at += n;
        if (at_start && may_enter && n >= 2) {
            *inner = chosen(within(rest, n));
            return true;
        }
        drop_colons(p);
        return false;
    case '[':
        n = bracket(rest, '[', ']');
        break;
    case '(':
        n = bracket(rest, '(', ')');
        break;
    case '{':
        n = skip_brace(p, rest);
        break;
    case '&':
    case '*':
    case ' ':
        break;
    default:
        if (at_start && (str_starts(rest, STR("dyn ")) || str_starts(rest, STR("mut "))))
            n = 4;
        else
            *p->at++ = *rest.p;
        break;
    }
    l->at += n;
    return false;
}

static void
put_path(struct path *p, struct str text)
{
    struct level levels[DEPTH_MAX] = {{text, 0, p->at}};
    size_t depth = 1;
    struct str inner;

    while (depth > 0) {
        struct level *l = &levels[depth - 1];

        if (l->at == l->text.n) {
            drop_colons(p);
            depth--;
        } else if (take_part(p, l, depth < DEPTH_MAX, &inner)) {
            levels[depth++] = (struct level){inner, 0, p->at};
        }
    }
}

int
name_rust(struct arena *a, struct str name, struct str module, struct name *out,
          struct error *e)
{
    struct path p;

    (void)module;
    if (str_eq(name, STR("<unknown>")) || str_eq(name, STR("<redacted>")) ||
        str_starts(name, STR("0x")))
        return 0;
    name = without_trailers(name);
    if (decode(a, &name, e) != 0)
        return -1;
    p.out = p.at = arena_get(a, name.n);
    if (p.out == NULL)
        return error_no_memory(e);
    put_path(&p, name);
    out->full = (struct str){p.out, (size_t)(p.at - p.out)};
    return 0;
}
