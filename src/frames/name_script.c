/* Languages that run from their source: the line of the source tells closures apart, so
 * their names only need to be stable. */
#include "base/limits.h"
#include "frames/name_parts.h"

#define ERB_DIGITS 4U
#define MINIFIED_MAX 2U

/* Two letters that are a word in programs are nobody's choice of a minifier. */
static bool
is_minified(struct str name)
{
    static const struct str words[] = {
        STR_INIT("go"), STR_INIT("do"), STR_INIT("on"), STR_INIT("is"), STR_INIT("to"),
        STR_INIT("up"), STR_INIT("at"), STR_INIT("by"), STR_INIT("in"), STR_INIT("of"),
        STR_INIT("or"), STR_INIT("no"), STR_INIT("it"), STR_INIT("id"), STR_INIT("ok"),
        STR_INIT("ui"), STR_INIT("io"), STR_INIT("db"), STR_INIT("tx"), STR_INIT("fn"),
        STR_INIT("if"), STR_INIT("as"), STR_INIT("_"),  STR_INIT("$")};

    return name.n > 0 && name.n <= MINIFIED_MAX &&
           !name_is_one_of(name, words, COUNT_OF(words));
}

int
name_javascript(struct arena *a, struct str name, struct str module, struct name *out,
                struct error *e)
{
    static const struct str nameless[] = {STR_INIT(""),
                                          STR_INIT("?"),
                                          STR_INIT("<anonymous>"),
                                          STR_INIT("anonymous"),
                                          STR_INIT("<anonymous function>"),
                                          STR_INIT("Anonymous function"),
                                          STR_INIT("anonymous function"),
                                          STR_INIT("<unknown>")};
    const char *mark;
    struct str last;

    (void)a;
    (void)module;
    (void)e;
    name = name_before(name, name_first(name, STR(" [as ")));
    name = name_before(name, name_first(name, STR(" (index ")));
    for (bool more = true; more;)
        more = name_skip(&name, STR("async ")) || name_skip(&name, STR("new "));
    out->is_closure = name_ends(name, STR("/<"));
    while (name_ends(name, STR("/<")))
        name.n -= 2;
    mark = name_last(name, STR("."));
    if (mark == NULL)
        mark = name_last(name, STR("#")); /* Hermes: "Logger#warn" */
    last = mark == NULL ? name : name_behind(name, mark, 1);
    out->full = name;
    if (name_is_one_of(last, nameless, COUNT_OF(nameless))) {
        out->is_closure = true;
        if (mark == NULL ||
            name_is_one_of(name_before(name, mark), nameless, COUNT_OF(nameless)))
            out->full = STR_NONE;
        return 0;
    }
    if (out->is_closure)
        return 0;
    out->counts = last;
    out->is_minified = is_minified(last);
    return 0;
}

/* "{closure:/srv/a.php:12}" and "{closure:Ns\Foo::bar():12}" of PHP 8.4. */
static struct str
php_closure(struct str name, const char *open)
{
    static const struct str closure = STR_INIT("{closure:"),
                            plain = STR_INIT("{closure}");
    struct str inside = name_behind(name, open, closure.n);
    const char *call = name_last(inside, STR("()"));

    return call == NULL || call == inside.p ? plain : name_before(inside, call);
}

/* Anonymous classes contain a NUL, which is U+FFFD here, and their location. */
int
name_php(struct arena *a, struct str name, struct str module, struct name *out,
         struct error *e)
{
    static const struct str anonymous = STR_INIT("@anonymous");
    const char *at = name_first(name, anonymous);

    (void)a;
    (void)module;
    (void)e;
    if (str_starts(name, STR("[Anonymous")))
        return 0;
    if (at != NULL) {
        const char *colons = name_last(name, STR("::"));

        if (colons != NULL && colons > at)
            out->full = name_behind(name, colons, 2);
        return 0;
    }
    at = name_first(name, STR("{closure:"));
    if (at != NULL)
        out->full = php_closure(name, at);
    else if (name_ends(name, STR("{closure}")))
        out->full = STR("{closure}");
    else
        out->full = name;
    return 0;
}

/* If the name ends in a mark and a number of ERB_DIGITS digits or more, cuts it there.
 * Returns whether it did. */
static bool
cut_number(struct str *name, struct str mark)
{
    struct str cut = *name;
    size_t digits = name_drop_digits(&cut);

    if (digits < ERB_DIGITS || !name_ends(cut, mark))
        return false;
    cut.n -= mark.n;
    *name = cut;
    return true;
}

/* "block (2 levels) in foo", "rescue in foo", "Foo#bar" of Ruby 3.4. */
int
name_ruby(struct arena *a, struct str name, struct str module, struct name *out,
          struct error *e)
{
    static const struct str kinds[] = {STR_INIT("block"), STR_INIT("rescue"),
                                       STR_INIT("ensure")};
    bool more = true;
    struct str cut;
    const char *mark;

    (void)a;
    (void)module;
    (void)e;
    while (more) {
        const char *in = name_first(name, STR(" in "));

        more = false;
        for (size_t i = 0; in != NULL && i < COUNT_OF(kinds) && !more; i++)
            more = str_starts(name, kinds[i]);
        if (more)
            name = name_behind(name, in, 4);
    }
    cut = name;
    if (cut_number(&cut, STR("_")) &&
        (cut_number(&cut, STR("___")) || cut_number(&cut, STR("__"))))
        name = cut;
    out->full = name;
    mark = name_last(name, STR("#"));
    if (mark == NULL && name.n > 0 && ascii_is_upper(name.p[0]))
        mark = name_last(name, STR("."));
    out->counts = mark == NULL ? name : name_behind(name, mark, 1);
    return 0;
}

int
name_perl(struct arena *a, struct str name, struct str module, struct name *out,
          struct error *e)
{
    (void)a;
    (void)module;
    (void)e;
    name = name_before(name, name_first(name, STR("::SERIAL::")));
    if (name_ends(name, STR("]")) && name_first(name, STR("__ANON__[")) != NULL)
        name = name_before(name, name_last(name, STR("[")));
    if (str_starts(name, STR("(eval")))
        name = STR("(eval)");
    if (str_starts(name, STR("generated method")))
        return 0;
    out->is_closure = name_first(name, STR("__ANON__")) != NULL;
    out->full = name;
    return 0;
}

/* "method 'add'", "function <x.lua:12>", "<content_by_lua(default.conf:9):1>": what Lua
 * knows is how a function was called. */
int
name_lua(struct arena *a, struct str name, struct str module, struct name *out,
         struct error *e)
{
    static const struct str places[] = {STR_INIT("_by_lua("), STR_INIT("_by_lua:")};
    const char *quote;

    (void)a;
    (void)module;
    (void)e;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const char *at = name_first(name, places[i]);

        if (at == NULL)
            continue;
        name = name_before(name, at + places[i].n - 1);
        (void)name_skip(&name, STR("<"));
        out->full = name;
        return 0;
    }
    quote = name_first(name, STR("'"));
    if (quote != NULL && name_ends(name, STR("'")) && quote < name.p + name.n - 1) {
        name = name_behind(name, quote, 1);
        name.n--;
    }
    if (str_starts(name, STR("function <")) || str_eq(name, STR("?")) ||
        str_eq(name, STR("anonymous")) || str_eq(name, STR("(...tail calls...)"))) {
        out->is_closure = true;
        return 0;
    }
    out->full = name;
    return 0;
}
