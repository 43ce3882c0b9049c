#include "frames/name.h"
#include "unit.h"

struct row {
    int line;
    enum language language;
    const char *name, *module, *full, *counts, *number;
};

static const struct row rows[] = {
    /* JavaScript */
    {__LINE__, LANGUAGE_JAVASCRIPT, "Timeout.onTick [as _onTimeout]", NULL,
     "Timeout.onTick", "onTick", NULL},
    {__LINE__, LANGUAGE_JAVASCRIPT, "async Promise.all (index 0)", NULL, "Promise.all",
     "all", NULL},
    {__LINE__, LANGUAGE_JAVASCRIPT, "new Foo", NULL, "Foo", "Foo", NULL},
    {__LINE__, LANGUAGE_JAVASCRIPT, "Logger#warn", NULL, "Logger#warn", "warn", NULL},
    {__LINE__, LANGUAGE_JAVASCRIPT, "Object.<anonymous>", NULL, "Object.<anonymous>",
     NULL, NULL},
    {__LINE__, LANGUAGE_JAVASCRIPT, "<anonymous>", NULL, NULL, NULL, NULL},
    {__LINE__, LANGUAGE_JAVASCRIPT, "foo/<", NULL, "foo", NULL, NULL},
    /* Java, Kotlin, Scala */
    {__LINE__, LANGUAGE_JAVA, "lambda$import$0", NULL, "import", "lambda$import", NULL},
    {__LINE__, LANGUAGE_JAVA, "lambda$0", NULL, "lambda", NULL, "0"},
    {__LINE__, LANGUAGE_JAVA, "access$editFile", NULL, "editFile", "editFile", NULL},
    {__LINE__, LANGUAGE_JAVA, "access$1600", NULL, "access", "access", NULL},
    {__LINE__, LANGUAGE_JAVA, "prepare-8Mi8wO0", NULL, "prepare", "prepare", NULL},
    {__LINE__, LANGUAGE_JAVA, "find$default", NULL, "find", "find", NULL},
    {__LINE__, LANGUAGE_JAVA, "$anonfun$find$1", NULL, "find", "find", NULL},
    {__LINE__, LANGUAGE_JAVA, "apply$mcV$sp", NULL, "apply", "apply", NULL},
    {__LINE__, LANGUAGE_JAVA, "invokeSuspend", "a.UserHandler$handle$1", "handle",
     "handle", NULL},
    {__LINE__, LANGUAGE_JAVA, "$r8$lambda$AbCdEfGhIjKlMnOpQrStUv", NULL, NULL, NULL,
     NULL},
    {__LINE__, LANGUAGE_JAVA, "load", "a.b.Repo", "load", "load", NULL},
    /* Go */
    {__LINE__, LANGUAGE_GO, "(*Repo).Save", NULL, "(*Repo).Save", "(*Repo).Save", NULL},
    {__LINE__, LANGUAGE_GO, "logging.func1", NULL, "logging.func", NULL, "1"},
    {__LINE__, LANGUAGE_GO, "Mux.logging.func4", NULL, "logging.func", NULL, "4"},
    {__LINE__, LANGUAGE_GO, "Run.(*Handler).handle.func2", NULL, "(*Handler).handle.func",
     NULL, "2"},
    {__LINE__, LANGUAGE_GO, "foo.foo.func1.func2", NULL, "foo.func", NULL, "1.func2"},
    {__LINE__, LANGUAGE_GO, "Map[...]", NULL, "Map", "Map", NULL},
    {__LINE__, LANGUAGE_GO, "Repo.Save-fm", NULL, "Repo.Save", "Repo.Save", NULL},
    {__LINE__, LANGUAGE_GO, "init.0", NULL, "init", "init", NULL},
    {__LINE__, LANGUAGE_GO, "glob..func1", NULL, "func", NULL, "1"},
    /* Rust */
    {__LINE__, LANGUAGE_RUST, "billing::read::h0a1b2c3d4e5f6071", NULL, "billing::read",
     "billing::read", NULL},
    {__LINE__, LANGUAGE_RUST, "std[550525b9dd91a68e]::rt::lang_start::<()>", NULL,
     "std::rt::lang_start", "std::rt::lang_start", NULL},
    {__LINE__, LANGUAGE_RUST, "billing::run::{{closure}}", NULL, "billing::run",
     "billing::run", NULL},
    {__LINE__, LANGUAGE_RUST, "billing::run::{closure#0}", NULL, "billing::run",
     "billing::run", NULL},
    {__LINE__, LANGUAGE_RUST, "<billing::Repo<u64>>::nth", NULL, "billing::Repo::nth",
     "billing::Repo::nth", NULL},
    {__LINE__, LANGUAGE_RUST, "billing::Repo<T>::nth", NULL, "billing::Repo::nth",
     "billing::Repo::nth", NULL},
    {__LINE__, LANGUAGE_RUST, "<F as core::future::Future>::poll", NULL,
     "core::future::Future::poll", "core::future::Future::poll", NULL},
    {__LINE__, LANGUAGE_RUST, "<a::B as c::D>::e", NULL, "a::B::e", "a::B::e", NULL},
    {__LINE__, LANGUAGE_RUST, "_$LT$a..B$u20$as$u20$c..D$GT$::e::h0a1b2c3d4e5f6071", NULL,
     "a::B::e", "a::B::e", NULL},
    {__LINE__, LANGUAGE_RUST, "a::b.llvm.1234", NULL, "a::b", "a::b", NULL},
    {__LINE__, LANGUAGE_RUST, "<unknown>", NULL, NULL, NULL, NULL},
    /* C, C++ */
    {__LINE__, LANGUAGE_NATIVE, "std::vector<int>::at(unsigned long)", NULL,
     "std::vector<T>::at", "std::vector<T>::at", NULL},
    {__LINE__, LANGUAGE_NATIVE, "Foo_Bar_m7486FA1E8A227486FA1E8A227486FA1E8A227486", NULL,
     "Foo_Bar", "Foo_Bar", NULL},
    {__LINE__, LANGUAGE_NATIVE, "A::`vector deleting destructor'(unsigned)", NULL,
     "A::`vector deleting destructor'", "A::`vector deleting destructor'", NULL},
    {__LINE__, LANGUAGE_NATIVE, "pthread_cond_timedwait@@GLIBC_2.3.2", NULL,
     "pthread_cond_timedwait", "pthread_cond_timedwait", NULL},
    {__LINE__, LANGUAGE_NATIVE, "<redacted>", NULL, NULL, NULL, NULL},
    /* Swift, Objective-C */
    {__LINE__, LANGUAGE_APPLE, "__45-[Foo bar:]_block_invoke_2", NULL, "-[Foo bar:]",
     "-[Foo bar:]", NULL},
    {__LINE__, LANGUAGE_APPLE, "closure #1 (Int) -> () in Cart.add(_:)", NULL,
     "Cart.add(_:)", "Cart.add(_:)", NULL},
    {__LINE__, LANGUAGE_APPLE,
     "(2) await resume partial function for closure #1 in Player.setup(in:)", NULL,
     "Player.setup(in:)", "Player.setup(in:)", NULL},
    {__LINE__, LANGUAGE_APPLE, "specialized Cart.add(_:)", NULL, "Cart.add(_:)",
     "Cart.add(_:)", NULL},
    {__LINE__, LANGUAGE_APPLE, "block_destroy_helper.53", NULL, "block_destroy_helper",
     "block_destroy_helper", NULL},
    {__LINE__, LANGUAGE_APPLE, "_dispatch_main_queue_callback_4CF$VARIANT$mp", NULL,
     "_dispatch_main_queue_callback_4CF", "_dispatch_main_queue_callback_4CF", NULL},
    /* .NET */
    {__LINE__, LANGUAGE_DOTNET, "MoveNext", "A.Printer+<Update>d__24", "Update", "Update",
     NULL},
    {__LINE__, LANGUAGE_DOTNET, "<Begin>b__36", NULL, "Begin", "Begin", NULL},
    {__LINE__, LANGUAGE_DOTNET, "<GetMax>g__Inner|298_0", NULL, "GetMax.Inner",
     "GetMax.Inner", NULL},
    {__LINE__, LANGUAGE_DOTNET, "void Tests.Generic<T>(T value)", NULL, "Tests.Generic",
     "Tests.Generic", NULL},
    {__LINE__, LANGUAGE_DOTNET, "Ns.Class:Update ()", NULL, "Ns.Class.Update",
     "Ns.Class.Update", NULL},
    {__LINE__, LANGUAGE_DOTNET, "<Main>$", NULL, "Main", "Main", NULL},
    /* Ruby */
    {__LINE__, LANGUAGE_RUBY, "block (2 levels) in foo", NULL, "foo", "foo", NULL},
    {__LINE__, LANGUAGE_RUBY, "rescue in block in chain", NULL, "chain", "chain", NULL},
    {__LINE__, LANGUAGE_RUBY, "block in Foo#bar", NULL, "Foo#bar", "bar", NULL},
    {__LINE__, LANGUAGE_RUBY, "_app_views_x_html_erb___2803768356638317546_13840", NULL,
     "_app_views_x_html_erb", "_app_views_x_html_erb", NULL},
    {__LINE__, LANGUAGE_RUBY, "<main>", NULL, "<main>", "<main>", NULL},
    /* PHP */
    {__LINE__, LANGUAGE_PHP, "{closure:/srv/a.php:12}", NULL, "{closure}", "{closure}",
     NULL},
    {__LINE__, LANGUAGE_PHP, "{closure:Ns\\Foo::bar():12}", NULL, "Ns\\Foo::bar",
     "Ns\\Foo::bar", NULL},
    {__LINE__, LANGUAGE_PHP, "Ns\\{closure}", NULL, "{closure}", "{closure}", NULL},
    {__LINE__, LANGUAGE_PHP, "class@anonymous/app/a.php:3$3e0a7::run", NULL, "run", "run",
     NULL},
    /* Elixir */
    {__LINE__, LANGUAGE_ELIXIR, "MyApp.Cart.add/2", "Elixir.MyApp.Cart", "add/2", "add/2",
     NULL},
    {__LINE__, LANGUAGE_ELIXIR, "-handle_in/3-fun-2-", NULL, "handle_in/3", "handle_in/3",
     NULL},
    {__LINE__, LANGUAGE_ELIXIR, "anonymous fn/1 in MyApp.Channel.handle_in/3", NULL,
     "MyApp.Channel.handle_in/3", "MyApp.Channel.handle_in/3", NULL},
    {__LINE__, LANGUAGE_ELIXIR, "call (overridable 3)", NULL, "call", "call", NULL},
    /* Dart, Perl, Lua */
    {__LINE__, LANGUAGE_DART, "MyHome.build.<anonymous closure>.foo", NULL,
     "MyHome.build.foo", "MyHome.build.foo", NULL},
    {__LINE__, LANGUAGE_DART, "_Cart@12345678.add", NULL, "_Cart.add", "_Cart.add", NULL},
    {__LINE__, LANGUAGE_PERL, "Foo::__ANON__[/app/a.pl:12]", NULL, "Foo::__ANON__", NULL,
     NULL},
    {__LINE__, LANGUAGE_PERL, "(eval 11)", NULL, "(eval)", "(eval)", NULL},
    {__LINE__, LANGUAGE_LUA, "method 'add'", NULL, "add", "add", NULL},
    {__LINE__, LANGUAGE_LUA, "<content_by_lua(default.conf:9):1>", NULL, "content_by_lua",
     "content_by_lua", NULL},
    {__LINE__, LANGUAGE_LUA, "function <x.lua:12>", NULL, NULL, NULL, NULL},
    /* names that stay */
    {__LINE__, LANGUAGE_PYTHON, "<lambda>", NULL, "<lambda>", "<lambda>", NULL},
    {__LINE__, LANGUAGE_OTHER, "f", NULL, "f", "f", NULL},
    {__LINE__, LANGUAGE_GO, "", NULL, NULL, NULL, NULL},
};

static struct name
clean(enum language l, struct str name, const char *module)
{
    struct name n = {STR_NONE, STR_NONE, STR_NONE, false, false};
    struct error e;

    UNIT(name_function(unit_arena(), l, name, str_of(module), &n, &e) == 0);
    return n;
}

static void
noise_goes(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct name n = clean(rows[i].language, str_of(rows[i].name), rows[i].module);

        UNIT_STR_AT(rows[i].line, n.full, rows[i].full);
        UNIT_STR_AT(rows[i].line, n.counts, rows[i].counts);
        UNIT_STR_AT(rows[i].line, n.number, rows[i].number);
    }
}

static void
a_clean_name_stays(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct name n = clean(rows[i].language, str_of(rows[i].name), rows[i].module);

        if (n.full.p != NULL)
            UNIT_STR_AT(rows[i].line,
                        clean(rows[i].language, unit_exact(n.full), rows[i].module).full,
                        rows[i].full);
    }
}

static void
minifiers_are_recognized(void)
{
    static const struct {
        const char *name, *module;
        enum language language;
        bool minified;
    } names[] = {{"t", NULL, LANGUAGE_JAVASCRIPT, true},
                 {"e.wR", NULL, LANGUAGE_JAVASCRIPT, true},
                 {"go", NULL, LANGUAGE_JAVASCRIPT, false},
                 {"run", NULL, LANGUAGE_JAVASCRIPT, false},
                 {"a", "a.b.c", LANGUAGE_JAVA, true},
                 {"a", "com.acme.Cart", LANGUAGE_JAVA, false},
                 {"add", "a.b.c", LANGUAGE_JAVA, false},
                 {"minified:nE", NULL, LANGUAGE_DART, true},
                 {"f", NULL, LANGUAGE_PYTHON, false}};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        UNIT_EQ_AT(
            (int)i,
            clean(names[i].language, str_of(names[i].name), names[i].module).is_minified,
            names[i].minified);
}

static void
types_lose_places(void)
{
    static const struct {
        enum language language;
        const char *type, *lasting;
    } types[] = {{LANGUAGE_GO, "main.go:12 (read)", "read"},
                 {LANGUAGE_GO, "(1) main.go:13 (load)", "load"},
                 {LANGUAGE_GO, "*fmt.wrapError", "*fmt.wrapError"},
                 {LANGUAGE_PHP, "class@anonymous/srv/a.php:3", "class@anonymous"},
                 {LANGUAGE_DOTNET, "A.Fault`1[[System.Int32]]", "A.Fault"},
                 {LANGUAGE_JAVA, "Boom$$EnhancerBySpringCGLIB$$1", "Boom"},
                 {LANGUAGE_PYTHON, "ValueError", "ValueError"}};

    for (size_t i = 0; i < COUNT_OF(types); i++)
        UNIT_STR_AT((int)i, name_type(types[i].language, str_of(types[i].type)),
                    types[i].lasting);
    UNIT(name_type_is_vague(LANGUAGE_GO, STR("*errors.errorString")));
    UNIT(!name_type_is_vague(LANGUAGE_PYTHON, STR("ValueError")));
    UNIT(name_type_is_vague(LANGUAGE_RUST, STR("panic")));
    UNIT(name_type_is_wrapper(LANGUAGE_JAVA, STR("ExecutionException")));
    UNIT(!name_type_is_wrapper(LANGUAGE_JAVA, STR("RuntimeException")));
    UNIT(name_type_is_signal(STR("SIGSEGV")) && !name_type_is_signal(STR("ValueError")));
}

/* A level of noise goes in each of seven rounds, of which the last must change nothing.
 */
static void
noise_within_noise_goes_to_a_limit(void)
{
    UNIT_STR_AT(5, clean(LANGUAGE_LUA, STR("'''''a'''''"), NULL).full, "a");
    UNIT_STR_AT(6, clean(LANGUAGE_LUA, STR("''''''a''''''"), NULL).full, "a");
    UNIT_STR_AT(7, clean(LANGUAGE_LUA, STR("'''''''a'''''''"), NULL).full,
                "'''''''a'''''''");
    UNIT_STR_AT(0, clean(LANGUAGE_GO, STR("init.init.1"), NULL).full, "init");
}

/* Found by fuzz_names. */
static void
names_that_end_early_are_safe(void)
{
    struct name n = {STR_NONE, STR_NONE, STR_NONE, false, false};
    struct error e;

    UNIT_STR_AT(1, clean(LANGUAGE_RUST, unit_exact(STR("<a::\xc3\xa9")), NULL).full,
                "a::\xc3\xa9");
    UNIT_EQ(name_function(unit_arena(), LANGUAGE_DOTNET, STR("MoveNext"),
                          unit_exact(STR("A<")), &n, &e),
            0);
    UNIT_STR_AT(2, n.full, "MoveNext");
}

static const struct unit_test tests[] = {
    {"noise_goes", noise_goes},
    {"a_clean_name_stays", a_clean_name_stays},
    {"minifiers_are_recognized", minifiers_are_recognized},
    {"types_lose_places", types_lose_places},
    {"noise_within_noise_goes_to_a_limit", noise_within_noise_goes_to_a_limit},
    {"names_that_end_early_are_safe", names_that_end_early_are_safe},
};

const struct unit_suite suite_name = {"name", tests, COUNT_OF(tests)};
