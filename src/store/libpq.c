#include "store/libpq.h"

#include "base/library.h"

struct libpq libpq;

#ifdef MESHER_BUNDLE

#    define TAKE(name) libpq.name = (name);

/* In the bundle, libpq is part of the program, which cannot load libraries. */
int
libpq_load(struct error *e)
{
    (void)e;
    LIBPQ_FUNCTIONS(TAKE)
    return 0;
}

#else

#    define SYMBOL(name) LIBRARY_SYMBOL(libpq, name),

int
libpq_load(struct error *e)
{
    static const struct library_symbol symbols[] = {LIBPQ_FUNCTIONS(SYMBOL)};

    if (libpq.PQclear != NULL)
        return 0;
    return library_load("libpq.so.5", symbols, COUNT_OF(symbols), &libpq, e);
}

#endif
