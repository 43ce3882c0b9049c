#include "grouping_v2/ownership.h"

#include <string.h>

#include "base/ascii.h"

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

/* Returns whether the path contains one of these folders ("a" or "a/b"), at any depth. */
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

/* CDN hosts of JavaScript libraries, and addresses that never belong to a page. */
static bool
is_foreign_url(struct str path)
{
    static const struct str hosts[] = {STR_INIT("cdnjs.cloudflare.com/"),
                                       STR_INIT("ajax.googleapis.com/"),
                                       STR_INIT("code.jquery.com/"),
                                       STR_INIT("cdn.jsdelivr.net/"),
                                       STR_INIT("unpkg.com/"),
                                       STR_INIT("maxcdn.bootstrapcdn.com/"),
                                       STR_INIT("esm.sh/"),
                                       STR_INIT("stackpath.bootstrapcdn.com/"),
                                       STR_INIT("ajax.aspnetcdn.com/"),
                                       STR_INIT("cdn.skypack.dev/"),
                                       STR_INIT("connect.facebook.net/"),
                                       STR_INIT("www.googletagmanager.com/"),
                                       STR_INIT("www.google-analytics.com/")};
    static const struct str schemes[] = {STR_INIT("chrome-extension:"),
                                         STR_INIT("moz-extension:"),
                                         STR_INIT("safari-extension:"),
                                         STR_INIT("safari-web-extension:"),
                                         STR_INIT("node:"),
                                         STR_INIT("internal/")};
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
        STR_INIT("java."),          STR_INIT("javax."),
        STR_INIT("jakarta."),       STR_INIT("sun."),
        STR_INIT("jdk."),           STR_INIT("com.sun."),
        STR_INIT("org.apache."),    STR_INIT("org.springframework."),
        STR_INIT("kotlin."),        STR_INIT("kotlinx."),
        STR_INIT("scala."),         STR_INIT("akka."),
        STR_INIT("android."),       STR_INIT("androidx."),
        STR_INIT("com.android."),   STR_INIT("dalvik."),
        STR_INIT("groovy."),        STR_INIT("org.codehaus.groovy."),
        STR_INIT("clojure."),       STR_INIT("io.netty."),
        STR_INIT("org.hibernate."), STR_INIT("org.eclipse.jetty."),
        STR_INIT("org.junit."),     STR_INIT("libcore.")};

    return starts_with_any(module, packages, COUNT_OF(packages));
}

static bool
is_foreign_native(const struct ownership *f)
{
    static const struct str functions[] = {STR_INIT("std::"),
                                           STR_INIT("core::"),
                                           STR_INIT("alloc::"),
                                           STR_INIT("<std::"),
                                           STR_INIT("<core::"),
                                           STR_INIT("<alloc::"),
                                           STR_INIT("rust_begin_unwind"),
                                           STR_INIT("__rust_")};
    static const struct str packages[] = {STR_INIT("/lib/"),
                                          STR_INIT("/lib64/"),
                                          STR_INIT("/usr/lib/"),
                                          STR_INIT("/usr/lib64/"),
                                          STR_INIT("/System/Library/"),
                                          STR_INIT("C:\\WINDOWS\\"),
                                          STR_INIT("C:\\Windows\\"),
                                          STR_INIT("/system/lib"),
                                          STR_INIT("/apex/")};

    return starts_with_any(f->function, functions, COUNT_OF(functions)) ||
           starts_with_any(f->package, packages, COUNT_OF(packages));
}

bool
v2_ownership_is_foreign(const struct ownership *f)
{
    static const struct str folders[] = {
        STR_INIT("site-packages"), STR_INIT("dist-packages"), STR_INIT("node_modules"),
        STR_INIT("vendor"), STR_INIT("go/pkg/mod")};

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
    static const struct str modules[] = {STR_INIT("@babel/"), STR_INIT("core-js/"),
                                         STR_INIT("regenerator-runtime/"),
                                         STR_INIT("tslib/")};
    static const struct str folders[] = {STR_INIT("@babel"), STR_INIT("core-js"),
                                         STR_INIT("regenerator-runtime"),
                                         STR_INIT("tslib")};
    static const struct str loops[] = {STR_INIT("processTicksAndRejections"),
                                       STR_INIT("process.processTicksAndRejections"),
                                       STR_INIT("runMicrotasks"),
                                       STR_INIT("nextTick"),
                                       STR_INIT("process.nextTick"),
                                       STR_INIT("process._tickCallback")};
    static const struct str modules_folder[] = {STR_INIT("node_modules")};

    return starts_with_any(f->module, modules, COUNT_OF(modules)) ||
           is_any(f->function, loops, COUNT_OF(loops)) ||
           (goes_through(f->path, modules_folder, 1) &&
            goes_through(f->path, folders, COUNT_OF(folders)));
}

bool
v2_ownership_is_noise(const struct ownership *f)
{
    static const struct str bases[] = {STR_INIT("_start"),
                                       STR_INIT("start_thread"),
                                       STR_INIT("pthread_start"),
                                       STR_INIT("_pthread_start"),
                                       STR_INIT("_pthread_body"),
                                       STR_INIT("thread_start"),
                                       STR_INIT("__pthread_start"),
                                       STR_INIT("__libc_start_main"),
                                       STR_INIT("__libc_start_call_main"),
                                       STR_INIT("BaseThreadInitThunk"),
                                       STR_INIT("RtlUserThreadStart"),
                                       STR_INIT("_RtlUserThreadStart"),
                                       STR_INIT("__clone"),
                                       STR_INIT("__clone3")};

    if (f->family == FAMILY_JAVASCRIPT)
        return is_javascript_noise(f);
    if (f->family == FAMILY_JAVA)
        return str_starts(f->module, STR("io.sentry."));
    return f->family == FAMILY_NATIVE && is_any(f->function, bases, COUNT_OF(bases));
}

bool
v2_ownership_raises(const struct ownership *f)
{
    static const struct str functions[] = {
        STR_INIT("__cxa_throw"), STR_INIT("abort"), STR_INIT("raise"),
        STR_INIT("objc_exception_throw"), STR_INIT("std::panicking::begin_panic")};

    return f->family == FAMILY_NATIVE &&
           (is_any(f->function, functions, COUNT_OF(functions)) ||
            str_starts(f->function, STR("std::panicking::begin_panic")));
}
