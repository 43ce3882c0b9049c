#include "store/libpq.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

struct libpq libpq;

#ifdef MESHER_BUNDLE

#    define TAKE(name) libpq.name = (name);

/* It is a part of the program, which cannot load anything. */
int
libpq_load(struct error *e)
{
    (void)e;
    LIBPQ_FUNCTIONS(TAKE)
    return 0;
}

#else

/* POSIX lets dlsym's pointer be a function; ISO C wants the bytes to be copied. */
static bool
find(void *library, const char *name, void *out, size_t n, struct error *e)
{
    void *symbol = dlsym(library, name);

    if (symbol == NULL) {
        error_set(e, ERROR_SYSTEM, "internal failure");
        error_detail(e, "libpq.so.5 has no %s", name);
        return false;
    }
    CHECK(n == sizeof symbol);
    (void)memcpy(out, &symbol, n);
    return true;
}

#    define FIND(name) &&find(library, #    name, &found.name, sizeof found.name, e)

int
libpq_load(struct error *e)
{
    static bool loaded;
    struct libpq found = {0};
    void *library;

    if (loaded)
        return 0;
    library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *why = dlerror();

        error_set(e, ERROR_SYSTEM, "internal failure");
        return error_detail(e, "libpq: %.200s", why == NULL ? "unknown" : why);
    }
    if (!(true LIBPQ_FUNCTIONS(FIND))) {
        (void)dlclose(library);
        return -1;
    }
    libpq = found;
    loaded = true;
    return 0;
}

#endif
