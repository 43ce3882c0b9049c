/*
 * library: loads shared libraries on first use instead of at program start.
 *
 * A module that uses a library declares a struct of pointers to its functions with an
 * X-macro, and builds a table of LIBRARY_SYMBOL from the same X-macro.
 */
#ifndef MESHER_BASE_LIBRARY_H
#define MESHER_BASE_LIBRARY_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

struct library_symbol {
    const char *name;
    size_t at; /* offset of the pointer in the struct */
};

/* One entry of the table. */
#define LIBRARY_SYMBOL(type, name)         \
    {                                      \
#        name, offsetof(struct type, name) \
    }

/* Loads a library, such as "libpq.so.5" (dlopen(3)), for the rest of the process's life,
 * and stores the addresses of all symbols in the struct at out.  Returns 0, or -1 with
 * ERROR_SYSTEM and the reason as its detail; out is then unchanged. */
int library_load(const char *file, const struct library_symbol *symbols, size_t count,
                 void *out, struct error *e) MUST_CHECK;

#endif
