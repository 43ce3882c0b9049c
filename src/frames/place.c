#include "frames/place.h"

#include <stdint.h>

#include "frames/name.h"
#include "frames/name_parts.h"

#define HASH_MIN 8U
#define VERSION_PARTS 2

struct str
place_base(struct str path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/' || path.p[i - 1] == '\\')
            return (struct str){path.p + i, path.n - i};
    return path;
}

bool
place_is_url(struct str path)
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

/* The kinds of characters in a part of a name. */
struct made_of {
    size_t digits, lowers, uppers, dashes;
    size_t turns, changes; /* from lower to upper case; between letters and digits */
    bool hex, base32;
};

static struct made_of
made_of(const char *p, size_t n)
{
    struct made_of m = {.hex = true, .base32 = true};

    for (size_t i = 0; i < n; i++) {
        m.hex = m.hex && ascii_is_hex(p[i]);
        m.base32 = m.base32 && (ascii_is_upper(p[i]) || (p[i] >= '2' && p[i] <= '7'));
        m.digits += ascii_is_digit(p[i]);
        m.lowers += ascii_is_lower(p[i]);
        m.uppers += ascii_is_upper(p[i]);
        m.dashes += p[i] == '-' || p[i] == '_';
        m.changes += i > 0 && ascii_is_digit(p[i]) != ascii_is_digit(p[i - 1]);
        m.turns += i > 0 && ascii_is_upper(p[i]) && ascii_is_lower(p[i - 1]);
    }
    return m;
}

/* Hexadecimal digits; in names made by JavaScript's bundlers also 8 characters of base32
 * (esbuild), base64url (vite) or base 36 (Bun).  "UserCard" is a name: in one made of
 * words, an upper case begins a word of several letters. */
static bool
is_hash(enum language language, const char *p, size_t n)
{
    struct made_of m;

    if (n < HASH_MIN)
        return false;
    m = made_of(p, n);
    if (m.digits + m.lowers + m.uppers + m.dashes != n)
        return false;
    if (m.hex)
        return true;
    if (language != LANGUAGE_JAVASCRIPT || n != HASH_MIN)
        return false;
    if (m.base32)
        return true;
    if (m.uppers == 0 && m.dashes == 0) /* Bun's base 36 */
        return m.digits > 1 && m.changes > 2;
    if (m.uppers == 0 || m.lowers == 0)
        return false;
    return m.digits > 0 || m.dashes > 0 || m.turns > 2 || m.uppers > m.lowers;
}

/* A hash may hold the dash that divides names: the 8 characters before the extension, or
 * before the end.  Returns where the separator before it stands, or SIZE_MAX. */
static size_t
dashed_hash(enum language language, struct str name)
{
    const char *dot = name_last(name, STR("."));
    struct str stem = dot == NULL || dot == name.p ? name : name_before(name, dot);

    if (language != LANGUAGE_JAVASCRIPT || stem.n < HASH_MIN + 2 ||
        !is_separator(stem.p[stem.n - HASH_MIN - 1]) ||
        !is_hash(language, stem.p + stem.n - HASH_MIN, HASH_MIN))
        return SIZE_MAX;
    return stem.n - HASH_MIN - 1;
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
put_clean(enum language language, struct str name, char *to)
{
    size_t at = 0, dash = dashed_hash(language, name);

    while (at < name.n) {
        size_t sep = is_separator(name.p[at]) ? 1 : 0, from = at + sep,
               n = part_length(name, from);
        size_t version = at > 0 ? version_length(name, from) : 0;

        if (at == dash) {
            at += 1 + HASH_MIN;
            continue;
        }
        if (version == 0 && !is_hash(language, name.p + from, n)) {
            (void)memcpy(to, name.p + at, sep + n);
            to += sep + n;
        }
        at = from + (version > 0 ? version : n);
    }
    return to;
}

static struct str
without_query(enum language language, struct str path)
{
    const char *at = language == LANGUAGE_JAVASCRIPT && path.n > 0
                         ? memchr(path.p, '?', path.n)
                         : NULL;

    return at == NULL ? path : (struct str){path.p, (size_t)(at - path.p)};
}

int
place_file(struct arena *a, enum language language, struct str path, struct str *out,
           struct error *e)
{
    struct str base = place_base(without_query(language, path));
    char *to = arena_get(a, base.n), *end;

    if (to == NULL)
        return error_no_memory(e);
    end = put_clean(language, base, to);
    for (char *p = to; p < end; p++)
        *p = ascii_lower(*p);
    *out = (struct str){to, (size_t)(end - to)};
    return 0;
}

/* Paths: each part is cleaned. */
static int
javascript(struct arena *a, struct str module, struct str *out, struct error *e)
{
    struct str path = without_query(LANGUAGE_JAVASCRIPT, module), part;
    char *to = arena_get(a, path.n + 1), *at = to;

    if (to == NULL)
        return error_no_memory(e);
    for (part = str_cut(&path, '/'); part.p != NULL; part = str_cut(&path, '/')) {
        char *before = at;

        at = put_clean(LANGUAGE_JAVASCRIPT, part, at);
        if (at > before && path.p != NULL)
            *at++ = '/';
    }
    *out = (struct str){to, (size_t)(at - to)};
    return 0;
}

/* Where the name of a generated class ends, and its maker's begins. */
static struct str
without_maker(struct str module)
{
    static const struct str makers[] = {STR_INIT("$$Enhancer"),
                                        STR_INIT("$$FastClass"),
                                        STR_INIT("$$SpringCGLIB"),
                                        STR_INIT("$HibernateProxy$"),
                                        STR_INIT("_$$_"),
                                        STR_INIT("$ByteBuddy$"),
                                        STR_INIT("$MockitoMock$"),
                                        STR_INIT("$$ExternalSynthetic"),
                                        STR_INIT("$$Lambda"),
                                        STR_INIT("$$KotlinClass$$"),
                                        STR_INIT("$$SyntheticClass"),
                                        STR_INIT("$$InternalSynthetic")};

    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        const char *at = name_first(module, makers[i]);

        if (at != NULL && at > module.p)
            module = name_before(module, at);
    }
    return module;
}

/* Removes the number at the end, behind a mark. */
static struct str
without_number(struct str name, struct str mark)
{
    struct str cut = name;

    return name_drop_digits(&cut) > 0 && name_ends(cut, mark) ? cut : name;
}

/* "A$b$1" is a closure in b; of "A$1", the number is all there is. */
static struct str
without_closure(struct str module)
{
    struct str cut = module;
    const char *last;

    if (name_drop_digits(&cut) == 0 || !name_ends(cut, STR("$")))
        return module;
    cut.n--;
    last = name_last(cut, STR("$"));
    return last == NULL || last == cut.p ? module : name_before(cut, last);
}

/* "java.base/java.lang.Thread"; "$Proxy42"; Clojure's "app.core$fn__123". */
static struct str
java(struct str module)
{
    static const struct str marks[] = {STR_INIT("$Proxy"), STR_INIT("$fn__"),
                                       STR_INIT("Accessor")};
    const char *slash, *dot;

    if (memchr(module.p, '$', module.n) != NULL)
        module = without_maker(module);
    slash = name_first(module, STR("/"));
    dot = name_first(module, STR("."));
    if (slash != NULL && dot != NULL)
        module = name_behind(module, slash, 1);
    if (module.n == 0 || !ascii_is_digit(module.p[module.n - 1]))
        return module;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        module = without_number(module, marks[i]);
    return without_closure(module);
}

static int
dotnet(struct arena *a, struct str module, struct str *out, struct error *e)
{
    struct name n;

    /* The class of a closure or of an async function: "Printer+<Update>d__24". */
    module = name_before(module, name_first(module, STR("+<")));
    if (name_function(a, LANGUAGE_DOTNET, module, STR_NONE, &n, e) != 0)
        return -1;
    *out = n.full;
    return 0;
}

int
place_module(struct arena *a, enum language language, struct str module, struct str *out,
             struct error *e)
{
    *out = module;
    if (module.n == 0)
        return 0;
    if (language == LANGUAGE_JAVASCRIPT)
        return javascript(a, module, out, e);
    if (language == LANGUAGE_DOTNET)
        return dotnet(a, module, out, e);
    if (language == LANGUAGE_JAVA)
        *out = java(module);
    if (language == LANGUAGE_ELIXIR)
        (void)name_skip(out, STR("Elixir."));
    return 0;
}
