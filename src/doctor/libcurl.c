#include "doctor/libcurl.h"

struct libcurl libcurl;

#ifdef MESHER_BUNDLE

/* A program that is linked statically loads nothing. */
int
libcurl_load(struct error *e)
{
    return error_set(e, ERROR_SYSTEM, "libcurl is not a part of this program");
}

#else

#    include <dlfcn.h>
#    include <stdbool.h>
#    include <string.h>

/* POSIX lets dlsym's pointer be a function; ISO C wants the bytes to be copied. */
static bool
find(void *library, const char *name, void *out, size_t n, struct error *e)
{
    void *symbol = dlsym(library, name);

    if (symbol == NULL) {
        error_set(e, ERROR_SYSTEM, "libcurl.so.4 has no %s", name);
        return false;
    }
    CHECK(n == sizeof symbol);
    (void)memcpy(out, &symbol, n);
    return true;
}

#    define FIND(name) &&find(library, #    name, &found.name, sizeof found.name, e)

int
libcurl_load(struct error *e)
{
    static bool loaded;
    struct libcurl found = {0};
    void *library;

    if (loaded)
        return 0;
    library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *why = dlerror();

        error_set(e, ERROR_SYSTEM, "libcurl is not installed");
        return error_detail(e, "%.200s", why == NULL ? "unknown" : why);
    }
    if (!(true LIBCURL_FUNCTIONS(FIND))) {
        (void)dlclose(library);
        return -1;
    }
    if (found.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        (void)dlclose(library);
        return error_set(e, ERROR_SYSTEM, "libcurl cannot be used");
    }
    libcurl = found;
    loaded = true;
    return 0;
}

#endif
