#include "frames/name.h"

#include "base/limits.h"
#include "frames/name_parts.h"

#define ROUNDS_MAX 6

struct str
name_cut(struct str name)
{
    if (name.n <= LIMIT_FUNCTION_BYTES)
        return name;
    name.n = LIMIT_FUNCTION_BYTES;
    while (name.n > 0 && ((unsigned char)name.p[name.n] & 0xc0U) == 0x80U)
        name.n--;
    return name;
}

/* The name is the name. */
static int
name_plain(struct arena *a, struct str name, struct str module, struct name *out,
           struct error *e)
{
    (void)a;
    (void)module;
    (void)e;
    out->full = name;
    return 0;
}

static name_cleaner *const cleaners[N_LANGUAGES] = {
    [LANGUAGE_OTHER] = name_plain,
    [LANGUAGE_PYTHON] = name_plain,
    [LANGUAGE_JAVASCRIPT] = name_javascript,
    [LANGUAGE_JAVA] = name_java,
    [LANGUAGE_GO] = name_go,
    [LANGUAGE_RUST] = name_rust,
    [LANGUAGE_NATIVE] = name_native,
    [LANGUAGE_APPLE] = name_apple,
    [LANGUAGE_DOTNET] = name_dotnet,
    [LANGUAGE_RUBY] = name_ruby,
    [LANGUAGE_PHP] = name_php,
    [LANGUAGE_ELIXIR] = name_elixir,
    [LANGUAGE_DART] = name_dart,
    [LANGUAGE_PERL] = name_perl,
    [LANGUAGE_LUA] = name_lua,
};

static int
clean_once(struct arena *a, enum language l, struct str name, struct str module,
           struct name *out, struct error *e)
{
    *out = (struct name){STR_NONE, STR_NONE, STR_NONE, false, false};
    name = str_trim(name_cut(name));
    if (name.n == 0)
        return 0;
    if (cleaners[l](a, name, module, out, e) != 0)
        return -1;
    if (out->full.n == 0)
        out->full = STR_NONE;
    else if (out->counts.p == NULL && !out->is_closure)
        out->counts = out->full;
    if (out->counts.n == 0)
        out->counts = STR_NONE;
    return 0;
}

/* Noise within noise ("new async new f") goes in rounds.  A name that is different after
 * each of them is nobody's: it stays as it was sent. */
int
name_function(struct arena *a, enum language l, struct str name, struct str module,
              struct name *out, struct error *e)
{
    struct name next;

    name = str_trim(name_cut(name));
    if (clean_once(a, l, name, module, out, e) != 0)
        return -1;
    next = *out;
    for (int i = 0; i < ROUNDS_MAX; i++) {
        struct str before = out->full;

        if (before.p == NULL || str_eq(before, name))
            return 0;
        if (clean_once(a, l, before, module, &next, e) != 0)
            return -1;
        if (str_eq(next.full, before))
            return 0;
        out->full = next.full;
        out->is_closure = out->is_closure || next.is_closure;
        out->is_minified = out->is_minified || next.is_minified;
        out->counts = out->is_closure ? STR_NONE : next.counts;
    }
    *out = (struct name){name, name, STR_NONE, false, false};
    return 0;
}

/* cockroachdb/errors puts the place of an error where its type should be: "main.go:12
 * (read)", "(1) main.go:13 (load)"; the function in brackets lasts. */
static struct str
go_type(struct str type)
{
    const char *open = name_last(type, STR(" ("));
    struct str place;

    if (open == NULL || !name_ends(type, STR(")")) ||
        name_first(name_before(type, open), STR(".go:")) == NULL)
        return type;
    place = name_behind(type, open, 2);
    place.n--;
    return place;
}

struct str
name_type(enum language l, struct str type)
{
    /* The name of PHP's anonymous classes continues with a NUL (U+FFFD here) and their
     * location. */
    static const struct str anonymous = STR_INIT("@anonymous"), bracket = STR_INIT("[["),
                            cglib = STR_INIT("$$");
    const char *at = name_first(type, anonymous);

    if (at != NULL)
        return name_before(type, at + anonymous.n);
    if (l == LANGUAGE_GO)
        return go_type(type);
    if (l == LANGUAGE_DOTNET) {
        type = name_before(type, name_first(type, bracket));
        at = name_last(type, STR("`"));
        return at == NULL || at == type.p ? type : name_before(type, at);
    }
    if (l == LANGUAGE_JAVA) {
        at = name_first(type, cglib);
        return at == NULL || at == type.p ? type : name_before(type, at);
    }
    return type;
}

/* Go's stack is that of the place that reports an error, not of the one that made it; a
 * panic of Rust and a warning of PHP have one type for all; and some types of HTTP
 * clients have one for every status. */
static const struct {
    enum language language;
    struct str type;
} vague[] = {
    {LANGUAGE_GO, STR_INIT("*errors.errorString")},
    {LANGUAGE_GO, STR_INIT("*errors.fundamental")},
    {LANGUAGE_GO, STR_INIT("*errors.withStack")},
    {LANGUAGE_GO, STR_INIT("*errors.withMessage")},
    {LANGUAGE_GO, STR_INIT("*errors.joinError")},
    {LANGUAGE_GO, STR_INIT("*fmt.wrapError")},
    {LANGUAGE_GO, STR_INIT("*fmt.wrapErrors")},
    {LANGUAGE_GO, STR_INIT("*withstack.withStack")},
    {LANGUAGE_GO, STR_INIT("*errutil.leafError")},
    {LANGUAGE_GO, STR_INIT("*errutil.withPrefix")},
    {LANGUAGE_GO, STR_INIT("runtime.errorString")},
    {LANGUAGE_GO, STR_INIT("runtime.plainError")},
    {LANGUAGE_GO, STR_INIT("runtime.plainErrorString")},
    {LANGUAGE_GO, STR_INIT("runtime.boundsError")},
    {LANGUAGE_GO, STR_INIT("runtime.errorAddressString")},
    {LANGUAGE_GO, STR_INIT("runtime.Error")},
    {LANGUAGE_GO, STR_INIT("*xerrors.wrapError")},
    {LANGUAGE_GO, STR_INIT("*xerrors.errorString")},
    {LANGUAGE_GO, STR_INIT("*xerrors.noWrapError")},
    {LANGUAGE_GO, STR_INIT("*multierror.Error")},
    {LANGUAGE_GO, STR_INIT("*status.Error")},
    {LANGUAGE_GO, STR_INIT("*exec.ExitError")},
    {LANGUAGE_GO, STR_INIT("*url.Error")},
    {LANGUAGE_GO, STR_INIT("*net.OpError")},
    {LANGUAGE_GO, STR_INIT("*fs.PathError")},
    {LANGUAGE_GO, STR_INIT("*os.PathError")},
    {LANGUAGE_GO, STR_INIT("*os.SyscallError")},
    {LANGUAGE_GO, STR_INIT("*strconv.NumError")},
    {LANGUAGE_GO, STR_INIT("*errors.Error")},
    {LANGUAGE_GO, STR_INIT("errors.errorString")},
    {LANGUAGE_GO, STR_INIT("error")},
    {LANGUAGE_GO, STR_INIT("string")},
    {LANGUAGE_GO, STR_INIT("panic")},
    {LANGUAGE_GO, STR_INIT("*fmt.noWrapError")},
    {LANGUAGE_GO, STR_INIT("*barriers.barrierErr")},
    {LANGUAGE_GO, STR_INIT("*secondary.withSecondaryError")},
    {LANGUAGE_GO, STR_INIT("*errbase.opaqueLeaf")},
    {LANGUAGE_GO, STR_INIT("*errbase.opaqueWrapper")},
    {LANGUAGE_GO, STR_INIT("*pq.Error")},
    {LANGUAGE_GO, STR_INIT("*pgconn.PgError")},
    {LANGUAGE_GO, STR_INIT("*mysql.MySQLError")},
    {LANGUAGE_RUST, STR_INIT("panic")},
    {LANGUAGE_RUST, STR_INIT("Error")},
    {LANGUAGE_RUST, STR_INIT("Custom")},
    {LANGUAGE_RUST, STR_INIT("Os")},
    {LANGUAGE_RUST, STR_INIT("Kind")},
    {LANGUAGE_RUST, STR_INIT("Box")},
    {LANGUAGE_PHP, STR_INIT("ErrorException")},
    {LANGUAGE_PHP, STR_INIT("Twig\\Error\\RuntimeError")},
    {LANGUAGE_PHP, STR_INIT("Illuminate\\View\\ViewException")},
    {LANGUAGE_PHP, STR_INIT("Symfony\\Component\\ErrorHandler\\Error\\FatalError")},
    {LANGUAGE_PHP, STR_INIT("Spatie\\LaravelIgnition\\Exceptions\\ViewException")},
    {LANGUAGE_JAVASCRIPT, STR_INIT("AxiosError")},
    {LANGUAGE_JAVASCRIPT, STR_INIT("HttpException")},
    {LANGUAGE_JAVASCRIPT, STR_INIT("HttpErrorResponse")},
    {LANGUAGE_JAVASCRIPT, STR_INIT("HTTPError")},
    {LANGUAGE_JAVASCRIPT, STR_INIT("StatusCodeError")},
    {LANGUAGE_PYTHON, STR_INIT("HTTPError")},
    {LANGUAGE_PYTHON, STR_INIT("HTTPStatusError")},
    {LANGUAGE_DOTNET, STR_INIT("System.Net.Http.HttpRequestException")},
    {LANGUAGE_DOTNET, STR_INIT("HttpRequestException")},
    {LANGUAGE_DART, STR_INIT("DioException")},
    {LANGUAGE_DART, STR_INIT("DioError")},
    {LANGUAGE_DART, STR_INIT("PlatformException")},
    {LANGUAGE_ELIXIR, STR_INIT("ErlangError")},
    {LANGUAGE_ELIXIR, STR_INIT("Oban.PerformError")},
    {LANGUAGE_ELIXIR, STR_INIT("Oban.CrashError")},
    {LANGUAGE_ELIXIR, STR_INIT("exit")},
    {LANGUAGE_NATIVE, STR_INIT("panic")}, /* sentry-rust sends the platform "native" */
};

bool
name_type_is_vague(enum language l, struct str type)
{
    for (size_t i = 0; i < COUNT_OF(vague); i++)
        if (vague[i].language == l && str_eq(type, vague[i].type))
            return true;
    return false;
}

bool
name_type_is_wrapper(enum language l, struct str type)
{
    static const struct str java[] = {
        STR_INIT("ExecutionException"), STR_INIT("CompletionException"),
        STR_INIT("InvocationTargetException"), STR_INIT("UndeclaredThrowableException")};
    static const struct str dotnet[] = {
        STR_INIT("System.AggregateException"),
        STR_INIT("AggregateException"),
        STR_INIT("System.Reflection.TargetInvocationException"),
        STR_INIT("TargetInvocationException"),
        STR_INIT("System.TypeInitializationException"),
        STR_INIT("TypeInitializationException")};

    if (l == LANGUAGE_JAVA)
        return name_is_one_of(type, java, COUNT_OF(java));
    return l == LANGUAGE_DOTNET && name_is_one_of(type, dotnet, COUNT_OF(dotnet));
}

bool
name_type_is_signal(struct str type)
{
    static const struct str heads[] = {
        STR_INIT("SIG"),   STR_INIT("EXC_"),           STR_INIT("EXCEPTION_"),
        STR_INIT("KERN_"), STR_INIT("UNKNOWN_SIGNAL"), STR_INIT("Fatal Error: "),
        STR_INIT("SEGV")};

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (str_starts(type, heads[i]))
            return true;
    return str_eq(type, STR("Segfault")) || str_eq(type, STR("Minidump"));
}
