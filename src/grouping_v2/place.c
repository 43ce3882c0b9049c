#include "grouping_v2/place.h"

#include <string.h>

#include "base/ascii.h"
#include "grouping_v2/function.h"

#define HASH_MIN 8U
#define VERSION_PARTS 2

struct str
v2_place_base(struct str path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/' || path.p[i - 1] == '\\')
            return (struct str){path.p + i, path.n - i};
    return path;
}

bool
v2_place_is_url(struct str path)
{
    static const struct str schemes[] = {STR_INIT("http:"), STR_INIT("https:"),
                                         STR_INIT("blob:"), STR_INIT("applewebdata:")};

    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (str_starts(path, schemes[i]))
            return true;
    return false;
}

static bool
is_separator(char c)
{
    return c == '.' || c == '-';
}

/* Returns the length of the part that begins at p. */
static size_t
part_length(struct str text, size_t from)
{
    size_t n = 0;

    while (from + n < text.n && !is_separator(text.p[from + n]))
        n++;
    return n;
}

/* Hexadecimal digits, or, in names made by JavaScript bundlers, letters of both cases and
 * digits, in the number that bundlers use. */
static bool
is_hash(enum family family, const char *p, size_t n)
{
    bool digit = false, lower = false, upper = false, hex = true;

    if (n < HASH_MIN)
        return false;
    for (size_t i = 0; i < n; i++) {
        hex = hex && ascii_is_hex(p[i]);
        digit = digit || ascii_is_digit(p[i]);
        lower = lower || ascii_is_lower(p[i]);
        upper = upper || ascii_is_upper(p[i]);
        if (!ascii_is_word(p[i]))
            return false;
    }
    return hex ||
           (family == FAMILY_JAVASCRIPT && n == HASH_MIN && digit && lower && upper);
}

static bool
is_number(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!ascii_is_digit(p[i]))
            return false;
    return n > 0;
}

/* Returns the length of a version, "1.2.3" or "v1.2", at the start of a part; or 0. */
static size_t
version_length(struct str text, size_t from)
{
    size_t at = from < text.n && text.p[from] == 'v' ? from + 1 : from;
    size_t n = part_length(text, at);
    int parts = 0;

    while (is_number(text.p + at, n)) {
        parts++;
        at += n;
        if (at == text.n || text.p[at] != '.')
            break;
        n = part_length(text, at + 1);
        if (!is_number(text.p + at + 1, n))
            break;
        at++;
    }
    return parts >= VERSION_PARTS ? at - from : 0;
}

/* Writes a name without the parts that are hashes or versions to `to`; returns its
 * end. */
static char *
put_clean(enum family family, struct str name, char *to)
{
    size_t at = 0;

    while (at < name.n) {
        size_t sep = is_separator(name.p[at]) ? 1 : 0, from = at + sep,
               n = part_length(name, from);
        size_t version = at > 0 ? version_length(name, from) : 0;

        if (version == 0 && !is_hash(family, name.p + from, n)) {
            (void)memcpy(to, name.p + at, sep + n);
            to += sep + n;
        }
        at = from + (version > 0 ? version : n);
    }
    return to;
}

static struct str
without_query(enum family family, struct str path)
{
    const char *at =
        family == FAMILY_JAVASCRIPT && path.n > 0 ? memchr(path.p, '?', path.n) : NULL;

    return at == NULL ? path : (struct str){path.p, (size_t)(at - path.p)};
}

int
v2_place_file(struct arena *a, enum family family, struct str path, struct str *out,
              struct error *e)
{
    struct str base = v2_place_base(without_query(family, path));
    char *to = arena_get(a, base.n), *end;

    if (to == NULL)
        return error_no_memory(e);
    end = put_clean(family, base, to);
    for (char *p = to; p < end; p++)
        *p = ascii_lower(*p);
    *out = (struct str){to, (size_t)(end - to)};
    return 0;
}

/* Paths: each part is cleaned. */
static int
javascript(struct arena *a, struct str module, struct str *out, struct error *e)
{
    struct str path = without_query(FAMILY_JAVASCRIPT, module), part;
    char *to = arena_get(a, path.n + 1), *at = to;

    if (to == NULL)
        return error_no_memory(e);
    for (part = str_cut(&path, '/'); part.p != NULL; part = str_cut(&path, '/')) {
        char *before = at;

        at = put_clean(FAMILY_JAVASCRIPT, part, at);
        if (at > before && path.p != NULL)
            *at++ = '/';
    }
    *out = (struct str){to, (size_t)(at - to)};
    return 0;
}

/* Marks before the number or hash in the name of a class generated at run time. */
static const struct str makers[] = {
    STR_INIT("CGLIB$$"),
    STR_INIT("ByGuice$$"),
    STR_INIT("$HibernateProxy$"),
    STR_INIT("$$_javassist_"),
    STR_INIT("_$$_jvst"),
    STR_INIT("$fn__"),
    STR_INIT("$ByteBuddy$"),
    STR_INIT("$MockitoMock$"),
    STR_INIT("GeneratedMethodAccessor"),
    STR_INIT("$Proxy"),
    STR_INIT("ConstructorAccessor"),
    STR_INIT("$$KotlinClass$$"),
};

/* Returns whether such a mark ends at `at`. */
static bool
is_made(struct str module, size_t at)
{
    for (size_t i = 0; i < COUNT_OF(makers); i++)
        if (at >= makers[i].n &&
            memcmp(module.p + at - makers[i].n, makers[i].p, makers[i].n) == 0)
            return true;
    return false;
}

static int
java(struct arena *a, struct str module, struct str *out, struct error *e)
{
    static const struct str lambda = STR_INIT("$$Lambda");
    char *to, *end;
    size_t at = 0;

    *out = STR_NONE;
    if (memmem(module.p, module.n, lambda.p, lambda.n) != NULL)
        return 0;
    *out = module;
    if (memchr(module.p, '$', module.n) == NULL &&
        memmem(module.p, module.n, "Accessor", 8) == NULL)
        return 0;
    to = end = arena_get(a, module.n);
    if (to == NULL)
        return error_no_memory(e);
    while (at < module.n) {
        if (is_made(module, at))
            while (at < module.n && ascii_is_alnum(module.p[at]))
                at++;
        if (at < module.n)
            *end++ = module.p[at++];
    }
    *out = (struct str){to, (size_t)(end - to)};
    return 0;
}

int
v2_place_module(struct arena *a, enum family family, struct str module, struct str *out,
                struct error *e)
{
    *out = module;
    if (module.n == 0)
        return 0;
    switch (family) {
    case FAMILY_JAVA:
        return java(a, module, out, e);
    case FAMILY_JAVASCRIPT:
        return javascript(a, module, out, e);
    case FAMILY_CSHARP:
        return v2_function_clean(a, family, module, out, e);
    case FAMILY_OTHER:
    case FAMILY_PHP:
    case FAMILY_PYTHON:
    case FAMILY_RUBY:
    case FAMILY_GO:
    case FAMILY_NATIVE:
        break;
    }
    return 0;
}
