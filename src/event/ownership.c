#include "event/ownership.h"

#include <string.h>

#include "base/ascii.h"

#define TEXT(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

static bool
starts_with_any(struct str text, const struct str *heads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(text, heads[i]))
            return true;
    return false;
}

static bool
is_any(struct str text, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(text, words[i]))
            return true;
    return false;
}

static bool
is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* Does the path go through a folder of these names ("a" or "a/b"), at any depth? */
static bool
goes_through(struct str path, const struct str *folders, size_t count)
{
    for (size_t i = 0; i < path.n; i++) {
        if (i > 0 && !is_slash(path.p[i - 1]))
            continue;
        for (size_t k = 0; k < count; k++) {
            size_t n = folders[k].n, j = 0;

            if (path.n - i <= n || !is_slash(path.p[i + n]))
                continue;
            while (j < n && (path.p[i + j] == folders[k].p[j] ||
                             (folders[k].p[j] == '/' && is_slash(path.p[i + j]))))
                j++;
            if (j == n)
                return true;
        }
    }
    return false;
}

/* The hosts of public copies of JavaScript libraries, and what is no page's own. */
static bool
is_foreign_url(struct str path)
{
    static const struct str hosts[] = {TEXT("cdnjs.cloudflare.com/"),
                                       TEXT("ajax.googleapis.com/"),
                                       TEXT("code.jquery.com/"),
                                       TEXT("cdn.jsdelivr.net/"),
                                       TEXT("unpkg.com/"),
                                       TEXT("maxcdn.bootstrapcdn.com/"),
                                       TEXT("esm.sh/"),
                                       TEXT("stackpath.bootstrapcdn.com/"),
                                       TEXT("ajax.aspnetcdn.com/"),
                                       TEXT("cdn.skypack.dev/"),
                                       TEXT("connect.facebook.net/"),
                                       TEXT("www.googletagmanager.com/"),
                                       TEXT("www.google-analytics.com/")};
    static const struct str schemes[] = {
        TEXT("chrome-extension:"),     TEXT("moz-extension:"), TEXT("safari-extension:"),
        TEXT("safari-web-extension:"), TEXT("node:"),          TEXT("internal/")};
    const char *at = path.n > 0 ? memmem(path.p, path.n, "//", 2) : NULL;

    if (starts_with_any(path, schemes, COUNT_OF(schemes)))
        return true;
    return at != NULL &&
           starts_with_any((struct str){at + 2, (size_t)(path.p + path.n - at) - 2},
                           hosts, COUNT_OF(hosts));
}

static bool
is_foreign_module(struct str module)
{
    static const struct str packages[] = {
        TEXT("java."),          TEXT("javax."),
        TEXT("jakarta."),       TEXT("sun."),
        TEXT("jdk."),           TEXT("com.sun."),
        TEXT("org.apache."),    TEXT("org.springframework."),
        TEXT("kotlin."),        TEXT("kotlinx."),
        TEXT("scala."),         TEXT("akka."),
        TEXT("android."),       TEXT("androidx."),
        TEXT("com.android."),   TEXT("dalvik."),
        TEXT("groovy."),        TEXT("org.codehaus.groovy."),
        TEXT("clojure."),       TEXT("io.netty."),
        TEXT("org.hibernate."), TEXT("org.eclipse.jetty."),
        TEXT("org.junit."),     TEXT("libcore.")};

    return starts_with_any(module, packages, COUNT_OF(packages));
}

static bool
is_foreign_native(const struct ownership *f)
{
    static const struct str functions[] = {
        TEXT("std::"),   TEXT("core::"),   TEXT("alloc::"),           TEXT("<std::"),
        TEXT("<core::"), TEXT("<alloc::"), TEXT("rust_begin_unwind"), TEXT("__rust_")};
    static const struct str packages[] = {
        TEXT("/lib/"),         TEXT("/lib64/"),          TEXT("/usr/lib/"),
        TEXT("/usr/lib64/"),   TEXT("/System/Library/"), TEXT("C:\\WINDOWS\\"),
        TEXT("C:\\Windows\\"), TEXT("/system/lib"),      TEXT("/apex/")};

    return starts_with_any(f->function, functions, COUNT_OF(functions)) ||
           starts_with_any(f->package, packages, COUNT_OF(packages));
}

bool
ownership_is_foreign(const struct ownership *f)
{
    static const struct str folders[] = {TEXT("site-packages"), TEXT("dist-packages"),
                                         TEXT("node_modules"), TEXT("vendor"),
                                         TEXT("go/pkg/mod")};

    if (goes_through(f->path, folders, COUNT_OF(folders)))
        return true;
    switch (f->family) {
    case FAMILY_JAVASCRIPT:
        return is_foreign_url(f->path);
    case FAMILY_JAVA:
        return is_foreign_module(f->module);
    case FAMILY_NATIVE:
        return is_foreign_native(f);
    case FAMILY_OTHER:
    case FAMILY_PHP:
    case FAMILY_PYTHON:
    case FAMILY_RUBY:
    case FAMILY_CSHARP:
    case FAMILY_GO:
        break;
    }
    return false;
}

static bool
is_javascript_noise(const struct ownership *f)
{
    static const struct str modules[] = {TEXT("@babel/"), TEXT("core-js/"),
                                         TEXT("regenerator-runtime/"), TEXT("tslib/")};
    static const struct str folders[] = {TEXT("@babel"), TEXT("core-js"),
                                         TEXT("regenerator-runtime"), TEXT("tslib")};
    static const struct str loops[] = {TEXT("processTicksAndRejections"),
                                       TEXT("process.processTicksAndRejections"),
                                       TEXT("runMicrotasks"),
                                       TEXT("nextTick"),
                                       TEXT("process.nextTick"),
                                       TEXT("process._tickCallback")};
    static const struct str modules_folder[] = {TEXT("node_modules")};

    return starts_with_any(f->module, modules, COUNT_OF(modules)) ||
           is_any(f->function, loops, COUNT_OF(loops)) ||
           (goes_through(f->path, modules_folder, 1) &&
            goes_through(f->path, folders, COUNT_OF(folders)));
}

bool
ownership_is_noise(const struct ownership *f)
{
    static const struct str bases[] = {TEXT("_start"),
                                       TEXT("start_thread"),
                                       TEXT("pthread_start"),
                                       TEXT("_pthread_start"),
                                       TEXT("_pthread_body"),
                                       TEXT("thread_start"),
                                       TEXT("__pthread_start"),
                                       TEXT("__libc_start_main"),
                                       TEXT("__libc_start_call_main"),
                                       TEXT("BaseThreadInitThunk"),
                                       TEXT("RtlUserThreadStart"),
                                       TEXT("_RtlUserThreadStart"),
                                       TEXT("__clone"),
                                       TEXT("__clone3")};

    if (f->family == FAMILY_JAVASCRIPT)
        return is_javascript_noise(f);
    if (f->family == FAMILY_JAVA)
        return str_starts(f->module, STR("io.sentry."));
    return f->family == FAMILY_NATIVE && is_any(f->function, bases, COUNT_OF(bases));
}

bool
ownership_raises(const struct ownership *f)
{
    static const struct str functions[] = {TEXT("__cxa_throw"), TEXT("abort"),
                                           TEXT("raise"), TEXT("objc_exception_throw"),
                                           TEXT("std::panicking::begin_panic")};

    return f->family == FAMILY_NATIVE &&
           (is_any(f->function, functions, COUNT_OF(functions)) ||
            str_starts(f->function, STR("std::panicking::begin_panic")));
}
