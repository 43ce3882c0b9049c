#include "grouping/function.h"

#include <string.h>

#include "base/ascii.h"
#include "base/limits.h"

#define ERB_DIGITS 4U

static bool
is_one_of(struct str name, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

/* The last place where word stands in text, or NULL. */
static const char *
last_of(struct str text, struct str word)
{
    for (size_t i = text.n; i >= word.n; i--)
        if (memcmp(text.p + i - word.n, word.p, word.n) == 0)
            return text.p + i - word.n;
    return NULL;
}

/* The first one, or NULL. */
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

/* Without the digits at the end, and one of the marks before them. */
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

/* Java's lambdas have no name of their own; of Kotlin's, Scala's and accessors only the
 * number changes. */
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

/* Anonymous classes carry a NUL, which is U+FFFD here, and the place where they are. */
static struct str
php(struct str name)
{
    if (str_starts(name, STR("[Anonymous")))
        return STR_NONE;
    if (str_starts(name, STR("class@anonymous"))) {
        const char *colons = last_of(name, STR("::"));

        return colons == NULL ? STR_NONE : behind(name, colons, 2);
    }
    /* PHP 8.4 says where a closure is: "{closure:/srv/a.php:12}". */
    if (first_of(name, STR("{closure:")) != NULL)
        return STR("{closure}");
    return name;
}

/* Is there a number of ERB_DIGITS digits or more at the end, and mark before it?  Then
 * name is cut there. */
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
 * are by order of appearance. */
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
struct str
function_cut(struct str name)
{
    if (name.n <= LIMIT_FUNCTION_BYTES)
        return name;
    name.n = LIMIT_FUNCTION_BYTES;
    while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0U) == 0x80U)
        name.n--;
    return name;
}

int
function_clean(struct arena *a, enum family family, struct str name, struct str *out,
               struct error *e)
{
    *out = name = function_cut(name);
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
        return function_clean_native(a, name, out, e);
    }
    if (out->n == 0)
        *out = STR_NONE;
    return 0;
}
