/* Languages whose compilers make up names: of lambdas, accessors, state machines. */
#include "base/limits.h"
#include "frames/name_parts.h"

/* The characters that Kotlin adds to functions with inline classes: "prepare-8Mi8wO0". */
#define KOTLIN_HASH 7U

static struct str
without_kotlin_hash(struct str name)
{
    size_t n = name.n;

    if (n <= KOTLIN_HASH + 1 || name.p[n - KOTLIN_HASH - 1] != '-')
        return name;
    for (size_t i = n - KOTLIN_HASH; i < n; i++)
        if (!ascii_is_word(name.p[i]) && name.p[i] != '-')
            return name;
    name.n = n - KOTLIN_HASH - 1;
    return name;
}

static bool
is_number(struct str text)
{
    return name_drop_digits(&text) > 0 && text.n == 0;
}

/* ProGuard's "a.b.c" and "a". */
static bool
is_obfuscated(struct str name, struct str module)
{
    const char *dot = name_last(module, STR("."));
    struct str class = dot == NULL ? module : name_behind(module, dot, 1);

    return name.n > 0 && name.n <= 2 && class.n > 0 && class.n <= 2 && dot != NULL &&
           ascii_is_lower(class.p[0]) && ascii_is_lower(name.p[0]);
}

/* "lambda$import$0", "lambda$new$1", "lambda$0". */
static void
java_lambda(struct str name, struct name *out)
{
    struct str rest = name_behind(name, name.p, 7), first = str_cut(&rest, '$');

    if (is_number(first) || str_eq(first, STR("null")) || first.n == 0) {
        out->full = STR("lambda");
        out->is_closure = true;
        out->number = first.n > 0 && is_number(first) ? first : rest;
        return;
    }
    /* A lambda in "import" is not "import" itself. */
    out->full = first;
    out->counts = (struct str){name.p, (size_t)(first.p + first.n - name.p)};
}

/* Scala: "$anonfun$find$1", "$$anonfun$apply$1", "find$1": the part that is a name. */
static struct str
scala_closure(struct str name)
{
    struct str rest = name, part, found = STR_NONE;

    for (part = str_cut(&rest, '$'); part.p != NULL; part = str_cut(&rest, '$'))
        if (part.n > 0 && !is_number(part) && !str_eq(part, STR("anonfun")) &&
            found.p == NULL)
            found = part;
    return found.p == NULL ? name : found;
}

/* Kotlin compiles a lambda to a class, "UserHandler$handle$1", and its body to
 * "invokeSuspend": the class has the name. */
static struct str
kotlin_body(struct str name, struct str module)
{
    const char *last = name_last(module, STR("$"));
    struct str head, body;

    if (last == NULL || last == module.p || !is_number(name_behind(module, last, 1)))
        return name;
    head = name_before(module, last);
    last = name_last(head, STR("$"));
    body = last == NULL ? STR_NONE : name_behind(head, last, 1);
    return body.n > 0 && !is_number(body) ? body : name;
}

/* What is left of a name without a "$" in it. */
static struct str
java_plain(struct str name, struct str module)
{
    name = without_kotlin_hash(name);
    if (str_eq(name, STR("invokeSuspend")) || str_eq(name, STR("invoke")))
        return kotlin_body(name, module);
    return name;
}

int
name_java(struct arena *a, struct str name, struct str module, struct name *out,
          struct error *e)
{
    const char *at;

    (void)a;
    (void)e;
    if (memchr(name.p, '$', name.n) == NULL) {
        out->full = java_plain(name, module);
        out->is_minified = is_obfuscated(out->full, module);
        return 0;
    }
    if (str_starts(name, STR("$r8$lambda$"))) {
        out->is_closure = true;
        return 0;
    }
    if (str_starts(name, STR("lambda$"))) {
        java_lambda(name, out);
        return 0;
    }
    if (name_first(name, STR("$anonfun")) != NULL)
        name = scala_closure(name);
    if (name_skip(&name, STR("access$")) && is_number(name))
        name = STR("access");
    at = name_first(name, STR("$lambda"));
    if (at == NULL)
        at = name_first(name, STR("$default"));
    if (at == NULL)
        at = name_first(name, STR("$mc"));
    if (at != NULL && at > name.p)
        name = name_before(name, at);
    out->full = java_plain(name, module);
    out->is_minified = is_obfuscated(out->full, module);
    return 0;
}

/* Copies the name without "[...]" and what stands in other brackets. */
static int
without_brackets(struct arena *a, struct str name, struct str *out, struct error *e)
{
    char *to, *end;
    int depth = 0;

    *out = name;
    if (memchr(name.p, '[', name.n) == NULL)
        return 0;
    to = end = arena_get(a, name.n);
    if (to == NULL)
        return error_no_memory(e);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '[')
            depth++;
        if (depth == 0)
            *end++ = name.p[i];
        if (name.p[i] == ']' && depth > 0)
            depth--;
    }
    *out = (struct str){to, (size_t)(end - to)};
    return 0;
}

/* Returns where ".func1" begins, the first of its kind, or NULL. */
static const char *
first_closure(struct str name)
{
    for (size_t i = 0; i + 4 < name.n; i++)
        if (memcmp(name.p + i, "func", 4) == 0 && ascii_is_digit(name.p[i + 4]) &&
            (i == 0 || name.p[i - 1] == '.'))
            return name.p + i;
    return NULL;
}

/* The function around a closure: compilers put the functions into which it was inlined in
 * front, "Mux.logging.func4", "Run.(*Handler).handle.func2". */
static struct str
around_closure(struct str name)
{
    const char *dot = name_last(name, STR(".")), *receiver;

    if (dot == NULL)
        return name;
    receiver = name_last(name_before(name, dot), STR("("));
    if (receiver != NULL && dot > receiver && dot[-1] == ')')
        return name_behind(name, receiver, 0);
    return name_behind(name, dot, 1);
}

/* "logging" and "func" as one text; the compiler's number stands apart. */
static int
go_closure(struct arena *a, struct str name, const char *func, struct name *out,
           struct error *e)
{
    struct str around = name_before(name, func), number = name_behind(name, func, 4);
    static const struct str tail = STR_INIT(".func");
    char *p;

    if (around.n > 0)
        around.n--; /* the dot */
    around = around_closure(around);
    p = arena_get(a, around.n + tail.n);
    if (p == NULL)
        return error_no_memory(e);
    if (around.n > 0)
        (void)memcpy(p, around.p, around.n);
    (void)memcpy(p + around.n, tail.p, tail.n);
    out->full = around.n == 0 ? STR("func") : (struct str){p, around.n + tail.n};
    out->is_closure = true;
    out->number = number;
    return 0;
}

int
name_go(struct arena *a, struct str name, struct str module, struct name *out,
        struct error *e)
{
    const char *func;

    (void)module;
    if (without_brackets(a, name, &name, e) != 0)
        return -1;
    if (name_ends(name, STR("-fm")))
        name.n -= 3;
    if (str_starts(name, STR("glob..")))
        name = name_behind(name, name.p, 6);
    func = first_closure(name);
    if (func != NULL)
        return go_closure(a, name, func, out, e);
    if (name_skip(&name, STR("init.")) && is_number(name))
        name = STR("init");
    out->full = name;
    return 0;
}

/* A part of a name of .NET: "<Update>d__24", "<>c__DisplayClass5_0", "<A>g__B|0_1":
 * writes the names in it. */
static char *
put_dotnet_part(char *to, struct str part)
{
    struct str rest = part, inner;
    const char *close, *local;

    while (str_starts(rest, STR("<")))
        rest = name_behind(rest, rest.p, 1);
    if (rest.n == part.n) {
        (void)memcpy(to, part.p, part.n);
        return to + part.n;
    }
    close = name_first(rest, STR(">"));
    inner = name_before(rest, close);
    (void)memcpy(to, inner.p, inner.n);
    to += inner.n;
    local = close == NULL ? NULL : name_first(rest, STR("g__"));
    if (local != NULL && local > close) {
        inner = name_behind(rest, local, 3);
        inner = name_before(inner, name_first(inner, STR("|")));
        *to++ = '.';
        (void)memcpy(to, inner.p, inner.n);
        to += inner.n;
    }
    return to;
}

/* Cuts arguments, the result's type and generics; parts by the rule above. */
static int
dotnet_text(struct arena *a, struct str name, struct str *out, struct error *e)
{
    struct str rest;
    char *p, *at;
    const char *cut;

    name = name_before(name, name_first(name, STR("[[")));
    cut = name_first(name, STR("("));
    if (cut != NULL && cut > name.p) {
        const char *blank;

        name = str_trim(name_before(name, cut));
        blank = name_last(name, STR(" "));
        if (blank != NULL)
            name = name_behind(name, blank, 1);
    }
    p = at = arena_get(a, name.n + 1);
    if (p == NULL)
        return error_no_memory(e);
    for (rest = name; rest.n > 0;) {
        size_t n = 0;
        char *before;
        const char *mark;
        struct str part;

        while (n < rest.n &&
               (n == 0 || (rest.p[n] != '+' && rest.p[n] != '.' && rest.p[n] != ':')))
            n++;
        part = (struct str){rest.p, n};
        rest = (struct str){rest.p + n, rest.n - n};
        if (part.p[0] == '+' || part.p[0] == '.' || part.p[0] == ':')
            part = (struct str){part.p + 1, part.n - 1};
        mark = name_first(part, STR("`"));
        part = name_before(part, mark);
        mark = part.n > 0 && part.p[0] != '<' ? name_first(part, STR("<")) : NULL;
        part = name_before(part, mark);
        before = at;
        if (at > p && part.n > 0)
            *at++ = '.';
        {
            char *began = at;

            at = part.n > 0 ? put_dotnet_part(at, part) : at;
            if (at == began)
                at = before;
        }
    }
    *out = (struct str){p, (size_t)(at - p)};
    return 0;
}

/* An async function runs in "MoveNext" of a class that has its name. */
int
name_dotnet(struct arena *a, struct str name, struct str module, struct name *out,
            struct error *e)
{
    if (str_eq(name, STR("MoveNext")) && module.n > 0) {
        const char *open = name_last(module, STR("<"));

        if (open != NULL && open + 1 < module.p + module.n && open[1] != '>')
            name = name_cut(name_behind(module, open, 0));
    } else if (name_ends(name, STR(".MoveNext")) || name_ends(name, STR(".MoveNext()"))) {
        name = name_before(name, name_last(name, STR(".MoveNext")));
    }
    return dotnet_text(a, name, &out->full, e);
}

/* "-handle_in/3-fun-2-" is a function within handle_in/3; so is "anonymous fn/1 in
 * A.handle_in/3". */
int
name_elixir(struct arena *a, struct str name, struct str module, struct name *out,
            struct error *e)
{
    static const struct str macro = STR_INIT("MACRO-"), in = STR_INIT(" in "),
                            elixir = STR_INIT("Elixir.");
    const char *at = name_first(name, in);

    (void)a;
    (void)e;
    if (str_starts(name, STR("anonymous fn")) && at != NULL)
        name = name_behind(name, at, in.n);
    (void)name_skip(&name, elixir);
    (void)name_skip(&module, elixir);
    if (module.n > 0 && name.n > module.n && str_starts(name, module) &&
        name.p[module.n] == '.')
        name = name_behind(name, name.p, module.n + 1);
    if (name.n > 1 && name.p[0] == '"')
        name = name_behind(name, name.p, 1);
    if (name_skip(&name, STR("-"))) {
        at = name_first(name, STR("-"));
        name = name_before(name, at);
    }
    (void)name_skip(&name, macro);
    at = name_first(name, STR(" (overridable "));
    if (at == NULL)
        at = name_first(name, STR("("));
    out->full = at == name.p ? name : name_before(name, at);
    return 0;
}

/* "MyHome.build.<anonymous closure>.foo", "_Cart@12345678.add", "new Foo.named". */
int
name_dart(struct arena *a, struct str name, struct str module, struct name *out,
          struct error *e)
{
    static const struct str closures[] = {STR_INIT("<anonymous closure>"),
                                          STR_INIT("<fn>")};
    struct str rest, part;
    char *p, *at;

    (void)module;
    out->is_minified = name_skip(&name, STR("minified:"));
    (void)name_skip(&name, STR("new "));
    p = at = arena_get(a, name.n + 1);
    if (p == NULL)
        return error_no_memory(e);
    rest = name;
    for (part = str_cut(&rest, '.'); part.p != NULL; part = str_cut(&rest, '.')) {
        const char *key = name_first(part, STR("@"));
        bool closure = false;

        for (size_t i = 0; i < COUNT_OF(closures); i++)
            closure = closure || str_eq(part, closures[i]);
        if (closure)
            continue;
        if (key != NULL && is_number(name_behind(part, key, 1)))
            part = name_before(part, key);
        if (at > p)
            *at++ = '.';
        if (part.n > 0)
            (void)memcpy(at, part.p, part.n);
        at += part.n;
    }
    out->full = (struct str){p, (size_t)(at - p)};
    if (out->full.n == 0)
        out->is_closure = true;
    return 0;
}
