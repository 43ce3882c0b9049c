#include "doctor/libcurl.h"

#include <stdbool.h>

#include "base/library.h"

struct libcurl libcurl;

#ifdef MESHER_BUNDLE

/* A statically linked program loads nothing. */
int
libcurl_load(struct error *e)
{
    return error_set(e, ERROR_SYSTEM, "this program was built without libcurl");
}

#else

#    define SYMBOL(name) LIBRARY_SYMBOL(libcurl, name),

int
libcurl_load(struct error *e)
{
    static const struct library_symbol symbols[] = {LIBCURL_FUNCTIONS(SYMBOL)};
    static bool loaded;
    struct error why;

    if (loaded)
        return 0;
    if (library_load("libcurl.so.4", symbols, COUNT_OF(symbols), &libcurl, &why) != 0) {
        error_set(e, ERROR_SYSTEM, "libcurl is not installed");
        return error_detail(e, "%s", why.detail);
    }
    if (libcurl.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(e, ERROR_SYSTEM, "libcurl is unusable");
    loaded = true;
    return 0;
}

#endif
