#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

int
library_load(const char *file, const struct library_symbol *symbols, size_t count,
             void *out, struct error *e)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const char *why = library == NULL ? dlerror() : NULL;

    if (library == NULL) {
        error_set(e, ERROR_SYSTEM, "internal failure");
        return error_detail(e, "%.200s", why == NULL ? file : why);
    }
    for (size_t i = 0; i < count; i++)
        if (dlsym(library, symbols[i].name) == NULL) {
            (void)dlclose(library);
            error_set(e, ERROR_SYSTEM, "internal failure");
            return error_detail(e, "%s has no %s", file, symbols[i].name);
        }
    for (size_t i = 0; i < count; i++) {
        void *found = dlsym(library, symbols[i].name);

        /* POSIX guarantees that it is a function; ISO C requires copying the bytes. */
        (void)memcpy((char *)out + symbols[i].at, &found, sizeof found);
    }
    return 0;
}
