#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "grouping_v2/function.h"
#include "unit.h"

struct row {
    int line;
    enum family family;
    const char *name, *wanted; /* NULL: absent */
};

static void
names_are_cleaned_as_their_language_wants(void)
{
    static const struct row rows[] = {
        {__LINE__, FAMILY_OTHER, "f::h0123456789abcdef", "f::h0123456789abcdef"},
        {__LINE__, FAMILY_PYTHON, "<lambda>", "<lambda>"},
        {__LINE__, FAMILY_JAVASCRIPT, "HTMLButtonElement.onClick", "onClick"},
        {__LINE__, FAMILY_JAVASCRIPT, "Object.foo [as bar]", "foo"},
        {__LINE__, FAMILY_JAVASCRIPT, "Promise.all (index 3)", "all"},
        {__LINE__, FAMILY_JAVASCRIPT, "Object.<anonymous>", NULL},
        {__LINE__, FAMILY_JAVASCRIPT, "<anonymous function>", NULL},
        {__LINE__, FAMILY_JAVASCRIPT, "Anonymous function", NULL},
        {__LINE__, FAMILY_JAVASCRIPT, "foo/bar/<", NULL},
        {__LINE__, FAMILY_JAVA, "lambda$run$0", NULL},
        {__LINE__, FAMILY_JAVA, "access$100", "access"},
        {__LINE__, FAMILY_JAVA, "onClick$lambda-7", "onClick$lambda"},
        {__LINE__, FAMILY_JAVA, "$anonfun$main$2", "$anonfun$main"},
        {__LINE__, FAMILY_JAVA, "save", "save"},
        {__LINE__, FAMILY_PHP, "[Anonymous function]", NULL},
        {__LINE__, FAMILY_PHP, "class@anonymous\xef\xbf\xbd/srv/a.php:12$0", NULL},
        {__LINE__, FAMILY_PHP, "class@anonymous\xef\xbf\xbd/srv/a.php:12$0::run", "run"},
        {__LINE__, FAMILY_PHP, "{closure:/srv/a.php:12}", "{closure}"},
        {__LINE__, FAMILY_PHP, "App\\Foo::bar", "App\\Foo::bar"},
        {__LINE__, FAMILY_RUBY, "block in perform", "block"},
        {__LINE__, FAMILY_RUBY, "blocked", "blocked"},
        {__LINE__, FAMILY_RUBY, "_app_views_x_erb__1234_5678", "_app_views_x_erb"},
        {__LINE__, FAMILY_RUBY, "_app_views_x_erb___1234567_98765", "_app_views_x_erb"},
        {__LINE__, FAMILY_RUBY, "x__123_5678", "x__123_5678"},
        {__LINE__, FAMILY_CSHARP, "Acme.Foo.Bar (System.String x)", "Acme.Foo.Bar"},
        {__LINE__, FAMILY_CSHARP, "<Main>b__0_1", "<Main>b__"},
        {__LINE__, FAMILY_CSHARP, "<Main>g__Local|0_1", "<Main>g__Local|"},
        {__LINE__, FAMILY_CSHARP, "a_1", "a_1"},
        {__LINE__, FAMILY_GO, "run.func1", "run.func"},
        {__LINE__, FAMILY_GO, "run.func1.2", "run.func"},
        {__LINE__, FAMILY_GO, "Map[...].Get", "Map"},
        {__LINE__, FAMILY_GO, "(*T).function", "(*T).function"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        UNIT_EQ(v2_function_clean(unit_arena(), rows[i].family,
                                  unit_exact(str_of(rows[i].name)), &out, &e),
                0);
        if (!unit_is(out, rows[i].wanted))
            (void)printf("line %d: \"%.*s\"\n", rows[i].line, (int)out.n, out.p);
        UNIT_STR(out, rows[i].wanted);
    }
}

static void
demangled_names_lose_arguments_and_generics(void)
{
    static const char *const rows[][2] = {
        {"std::vector<int>::at(unsigned long)", "std::vector<T>::at"},
        {"void foo<int>(std::map<int, std::vector<char> > const&) const", "foo<T>"},
        {"unsigned int whatever", "whatever"},
        {"foo(int)const", "foo"},
        {"foo(int) const &", "foo"},
        {"foo() [clone .cold]", "foo"},
        {"foo.isra.0", "foo"},
        {"foo + 42", "foo"},
        {"foo+0x1f", "foo"},
        {"(anonymous namespace)::run(int)", "(anonymous namespace)::run"},
        {"`anonymous namespace'::run", "`anonymous namespace'::run"},
        {"operator<<", "operator<<"},
        {"A::operator()(int) const", "A::operator()"},
        {"A::operator< <int>(A const&)", "A::operator<<T>"},
        {"A::operator bool() const", "A::operator bool"},
        {"A::operator->() const", "A::operator->"},
        {"run()::{lambda(int)#1}::operator()(int) const", "run::lambda::operator()"},
        {"run()::{lambda(int)#2}::operator()(int) const", "run::lambda::operator()"},
        {"run::$_0::operator()() const", "run::lambda::operator()"},
        {"app::run::h0123456789abcdef", "app::run"},
        {"app::run::{{closure}}::h0123456789abcdef", "app::run::{{closure}}"},
        {"app::run::{closure#3}", "app::run::{closure}"},
        {"<app::Foo<u8> as core::fmt::Display>::fmt::h0123456789abcdef",
         "<app::Foo<T> as core::fmt::Display>::fmt"},
        {"app::call<fn() -> u8>", "app::call<T>"},
        {"write@GLIBC_2.2", "write"},
        {"write@@GLIBC_2.2.5", "write"},
        {"@name@12", "name"},
        {"-[Foo bar:baz:]", "-[Foo bar:baz:]"},
        {"+[Foo bar]", "+[Foo bar]"},
        {"@objc Foo.bar(_: Int) -> Int", "Foo.bar"},
        {"Foo.bar() throws -> Int", "Foo.bar"},
        {"closure #1 in Foo.bar()", "Foo.bar"},
        {"<redacted>", NULL},
        {"<unknown>", NULL},
        {"0x7fff1234", NULL},
        {"foo<int", "foo<T>"},
        {"foo(int", "foo"},
        {"()", "()"},
        {"a b>", "b>"},
        {"{{{", "{{{"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        UNIT_EQ(v2_function_clean_native(unit_arena(), unit_exact(str_of(rows[i][0])),
                                         &out, &e),
                0);
        if (!unit_is(out, rows[i][1]))
            (void)printf("\"%s\" became \"%.*s\"\n", rows[i][0], (int)out.n, out.p);
        UNIT_STR(out, rows[i][1]);
    }
}

static void
lambdas_of_msvc_are_one(void)
{
    struct str a, b;
    struct error e;

    UNIT_EQ(v2_function_clean_native(
                unit_arena(), STR("run::<lambda_0123456789abcdef0123456789abcdef>::f"),
                &a, &e),
            0);
    UNIT_EQ(v2_function_clean_native(
                unit_arena(), STR("run::<lambda_fedcba9876543210fedcba9876543210>::f"),
                &b, &e),
            0);
    UNIT(str_eq(a, b) && unit_is(a, "run::lambda::f"));
}

static void
the_first_4_kib_count(void)
{
    static char name[LIMIT_FUNCTION_BYTES + 1];

    (void)memset(name, 'a', sizeof name);
    for (size_t n = LIMIT_FUNCTION_BYTES - 1; n <= LIMIT_FUNCTION_BYTES + 1; n++) {
        size_t wanted = n > LIMIT_FUNCTION_BYTES ? LIMIT_FUNCTION_BYTES : n;
        struct str out;
        struct error e;

        UNIT(v2_function_clean(unit_arena(), FAMILY_OTHER, (struct str){name, n}, &out,
                               &e) == 0 &&
             out.n == wanted);
        UNIT(v2_function_clean(unit_arena(), FAMILY_NATIVE, (struct str){name, n}, &out,
                               &e) == 0 &&
             out.n == wanted);
    }
}

static void
any_prefix_of_a_name_is_a_name(void)
{
    static const char name[] = "<a::B<u8> as C>::d::{lambda(int)#1}::operator<< <x>($_0) "
                               "const::h0123456789abcdef";
    struct str out;
    struct error e;

    for (size_t n = 0; n < sizeof name; n++)
        for (unsigned f = 0; f <= FAMILY_NATIVE; f++)
            UNIT_EQ(v2_function_clean(unit_arena(), (enum family)f,
                                      unit_exact((struct str){name, n}), &out, &e),
                    0);
}

static const struct unit_test tests[] = {
    {"names_are_cleaned_as_their_language_wants",
     names_are_cleaned_as_their_language_wants},
    {"demangled_names_lose_arguments_and_generics",
     demangled_names_lose_arguments_and_generics},
    {"lambdas_of_msvc_are_one", lambdas_of_msvc_are_one},
    {"the_first_4_kib_count", the_first_4_kib_count},
    {"any_prefix_of_a_name_is_a_name", any_prefix_of_a_name_is_a_name},
};

const struct unit_suite suite_function = {"function", tests, COUNT_OF(tests)};
