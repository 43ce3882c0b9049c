#include <stdio.h>

#include "grouping_v2/place.h"
#include "unit.h"

static void
files_lose_folders_versions_and_hashes(void)
{
    static const struct {
        int line;
        enum family family;
        const char *path, *wanted;
    } rows[] = {
        {__LINE__, FAMILY_PYTHON, "/srv/v1/app/Main.py", "main.py"},
        {__LINE__, FAMILY_CSHARP, "C:\\build\\17\\Foo.cs", "foo.cs"},
        {__LINE__, FAMILY_JAVASCRIPT, "app:///app.3f2a1b9c.js?v=3", "app.js"},
        {__LINE__, FAMILY_JAVASCRIPT, "webpack:///./src/app-3f2a1b9c.js", "app.js"},
        {__LINE__, FAMILY_JAVASCRIPT, "main.3f2a1b9c.chunk.js", "main.chunk.js"},
        {__LINE__, FAMILY_JAVASCRIPT, "app.3f2a1b9.js", "app.3f2a1b9.js"},
        {__LINE__, FAMILY_JAVASCRIPT, "index-BsXk29Qw.js", "index.js"},
        {__LINE__, FAMILY_JAVASCRIPT, "user-settings.js", "user-settings.js"},
        {__LINE__, FAMILY_JAVASCRIPT, "jquery-3.6.0.min.js", "jquery.min.js"},
        {__LINE__, FAMILY_NATIVE, "/usr/lib/libc-2.31.so", "libc.so"},
        {__LINE__, FAMILY_NATIVE, "libfoo.so.1.2.3", "libfoo.so"},
        {__LINE__, FAMILY_NATIVE, "step-1.c", "step-1.c"},
        {__LINE__, FAMILY_OTHER, "a?b", "a?b"},
        {__LINE__, FAMILY_OTHER, "a/", ""},
        {__LINE__, FAMILY_OTHER, ".env", ".env"},
        {__LINE__, FAMILY_OTHER, ".-", ".-"},
        {__LINE__, FAMILY_OTHER, "3f2a1b9c.js", ".js"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        UNIT_EQ(v2_place_file(unit_arena(), rows[i].family,
                              unit_exact(str_of(rows[i].path)), &out, &e),
                0);
        if (!unit_is(out, rows[i].wanted))
            (void)printf("line %d: \"%.*s\"\n", rows[i].line, (int)out.n, out.p);
        UNIT_STR(out, rows[i].wanted);
    }
}

static void
modules_lose_what_is_made_up_at_run_time(void)
{
    static const struct {
        int line;
        enum family family;
        const char *module, *wanted;
    } rows[] = {
        {__LINE__, FAMILY_JAVA, "com.acme.Svc$$EnhancerBySpringCGLIB$$1a2b3c",
         "com.acme.Svc$$EnhancerBySpringCGLIB$$"},
        {__LINE__, FAMILY_JAVA, "com.acme.Svc$$FastClassByGuice$$caceacd2",
         "com.acme.Svc$$FastClassByGuice$$"},
        {__LINE__, FAMILY_JAVA, "com.acme.Foo$HibernateProxy$oRWxjAWT",
         "com.acme.Foo$HibernateProxy$"},
        {__LINE__, FAMILY_JAVA, "com.acme.Foo_$$_javassist_74",
         "com.acme.Foo_$$_javassist_"},
        {__LINE__, FAMILY_JAVA, "app.core$fn__1234", "app.core$fn__"},
        {__LINE__, FAMILY_JAVA, "sun.reflect.GeneratedMethodAccessor123",
         "sun.reflect.GeneratedMethodAccessor"},
        {__LINE__, FAMILY_JAVA, "jdk.internal.reflect.GeneratedConstructorAccessor12",
         "jdk.internal.reflect.GeneratedConstructorAccessor"},
        {__LINE__, FAMILY_JAVA, "com.acme.Foo$$Lambda$14", NULL},
        {__LINE__, FAMILY_JAVA, "com.acme.Foo$$Lambda/0x0000000800c03000", NULL},
        {__LINE__, FAMILY_JAVA, "com.acme.Foo$1", "com.acme.Foo$1"},
        {__LINE__, FAMILY_JAVASCRIPT, "static/3f2a1b9c/app", "static/app"},
        {__LINE__, FAMILY_JAVASCRIPT, "app.99aa77ff", "app"},
        {__LINE__, FAMILY_CSHARP, "Acme.Foo+<>c__DisplayClass3_0",
         "Acme.Foo+<>c__DisplayClass"},
        {__LINE__, FAMILY_PYTHON, "app.v1_3f2a1b9c", "app.v1_3f2a1b9c"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str out;
        struct error e;

        UNIT_EQ(v2_place_module(unit_arena(), rows[i].family,
                                unit_exact(str_of(rows[i].module)), &out, &e),
                0);
        if (!unit_is(out, rows[i].wanted))
            (void)printf("line %d: \"%.*s\"\n", rows[i].line, (int)out.n, out.p);
        UNIT_STR(out, rows[i].wanted);
    }
}

static const struct unit_test tests[] = {
    {"files_lose_folders_versions_and_hashes", files_lose_folders_versions_and_hashes},
    {"modules_lose_what_is_made_up_at_run_time",
     modules_lose_what_is_made_up_at_run_time},
};

const struct unit_suite suite_place = {"place", tests, COUNT_OF(tests)};
