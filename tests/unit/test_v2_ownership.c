#include <stdio.h>

#include "grouping_v2/ownership.h"
#include "unit.h"

enum verdict { OWN, FOREIGN, NOISE, RAISES };

static void
frames_belong_to_whom_they_belong(void)
{
    static const struct {
        int line;
        enum family family;
        const char *module, *function, *path, *package;
        enum verdict verdict;
    } rows[] = {
        {__LINE__, FAMILY_PYTHON, "a", "f", "/srv/app/a.py", NULL, OWN},
        {__LINE__, FAMILY_PYTHON, "a", "f", "/x/site-packages/a.py", NULL, FOREIGN},
        {__LINE__, FAMILY_PYTHON, "a", "f", "/x/dist-packages/a.py", NULL, FOREIGN},
        {__LINE__, FAMILY_PYTHON, "a", "f", "/x/my-site-packages/a.py", NULL, OWN},
        {__LINE__, FAMILY_JAVASCRIPT, NULL, "f", "webpack:///./node_modules/r/i.js", NULL,
         FOREIGN},
        {__LINE__, FAMILY_JAVASCRIPT, NULL, "f", "C:\\a\\node_modules\\r\\i.js", NULL,
         FOREIGN},
        {__LINE__, FAMILY_JAVASCRIPT, NULL, "f", "https://unpkg.com/x.js", NULL, FOREIGN},
        {__LINE__, FAMILY_JAVASCRIPT, NULL, "f", "https://h/unpkg.com/x.js", NULL, OWN},
        {__LINE__, FAMILY_PHP, NULL, "f", "/srv/vendor/x/y.php", NULL, FOREIGN},
        {__LINE__, FAMILY_GO, "m", "f", "/root/go/pkg/mod/x@v1/y.go", NULL, FOREIGN},
        {__LINE__, FAMILY_JAVA, "java.util.List", "f", NULL, NULL, FOREIGN},
        {__LINE__, FAMILY_JAVA, "org.apache.x", "f", NULL, NULL, FOREIGN},
        {__LINE__, FAMILY_JAVA, "javax", "f", NULL, NULL, OWN},
        {__LINE__, FAMILY_JAVA, "io.sentry.Hub", "f", NULL, NULL, NOISE},
        {__LINE__, FAMILY_NATIVE, NULL, "f", NULL, "/usr/lib/libc.so", FOREIGN},
        {__LINE__, FAMILY_NATIVE, NULL, "f", NULL, "/opt/lib/x.so", OWN},
        {__LINE__, FAMILY_NATIVE, NULL, "std::sort", NULL, NULL, FOREIGN},
        {__LINE__, FAMILY_NATIVE, NULL, "core::panic", NULL, NULL, FOREIGN},
        {__LINE__, FAMILY_NATIVE, NULL, "__rust_start_panic", NULL, NULL, FOREIGN},
        {__LINE__, FAMILY_NATIVE, NULL, "_start", NULL, NULL, NOISE},
        {__LINE__, FAMILY_NATIVE, NULL, "BaseThreadInitThunk", NULL, NULL, NOISE},
        {__LINE__, FAMILY_NATIVE, NULL, "abort", NULL, NULL, RAISES},
        {__LINE__, FAMILY_NATIVE, NULL, "__cxa_throw", NULL, NULL, RAISES},
        {__LINE__, FAMILY_PYTHON, NULL, "abort", NULL, NULL, OWN},
        {__LINE__, FAMILY_JAVASCRIPT, "@babel/runtime/x", "f", NULL, NULL, NOISE},
        {__LINE__, FAMILY_JAVASCRIPT, NULL, "f", "/a/node_modules/core-js/x.js", NULL,
         NOISE},
        {__LINE__, FAMILY_JAVASCRIPT, NULL, "process.nextTick", NULL, NULL, NOISE},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ownership f = {rows[i].family, str_of(rows[i].module),
                              str_of(rows[i].function), str_of(rows[i].path),
                              str_of(rows[i].package)};
        enum verdict v = v2_ownership_is_noise(&f)     ? NOISE
                         : v2_ownership_raises(&f)     ? RAISES
                         : v2_ownership_is_foreign(&f) ? FOREIGN
                                                       : OWN;

        if (v != rows[i].verdict)
            (void)printf("line %d\n", rows[i].line);
        UNIT_EQ(v, rows[i].verdict);
    }
}

static const struct unit_test tests[] = {
    {"frames_belong_to_whom_they_belong", frames_belong_to_whom_they_belong},
};

const struct unit_suite suite_ownership = {"ownership", tests, COUNT_OF(tests)};
