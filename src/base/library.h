/*
 * library: shared libraries that are loaded when they are needed, not when a program is
 * started.
 *
 * A module that wants one has a struct of pointers to its functions, declared by an
 * X-macro, and a table of LIBRARY_SYMBOL made by the same.
 */
#ifndef MESHER_BASE_LIBRARY_H
#define MESHER_BASE_LIBRARY_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

struct library_symbol {
    const char *name;
    size_t at; /* of the pointer in the struct */
};

/* A line of the table. */
#define LIBRARY_SYMBOL(type, name)         \
    {                                      \
#        name, offsetof(struct type, name) \
    }

/* Loads a library, such as "libpq.so.5" (dlopen(3)), for as long as the process runs, and
 * puts the addresses of all symbols into the struct at out.  Returns 0, or -1 with
 * ERROR_SYSTEM, the reason as its detail, and out as it was. */
int library_load(const char *file, const struct library_symbol *symbols, size_t count,
                 void *out, struct error *e) MUST_CHECK;

#endif
