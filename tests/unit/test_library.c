#include <string.h>

#include "base/library.h"
#include "unit.h"

struct some {
    size_t (*strlen)(const char *);
    int (*no_such_function)(void);
};

static const struct library_symbol symbols[] = {LIBRARY_SYMBOL(some, strlen),
                                                LIBRARY_SYMBOL(some, no_such_function)};

static void
its_functions_can_be_called(void)
{
    struct some s = {NULL, NULL};
    struct error e;

    UNIT_EQ(library_load("libc.so.6", symbols, 1, &s, &e), 0);
    UNIT(s.strlen != NULL && s.strlen("four") == 4);
    UNIT(s.no_such_function == NULL);
}

static void
what_is_missing_is_named(void)
{
    struct some s = {NULL, NULL};
    struct error e;

    UNIT_EQ(library_load("libc.so.6", symbols, COUNT_OF(symbols), &s, &e), -1);
    UNIT(e.kind == ERROR_SYSTEM && s.strlen == NULL);
    UNIT_STR(str_of(e.detail), "libc.so.6 has no no_such_function");
    UNIT_EQ(library_load("libmesher-none.so.1", symbols, 1, &s, &e), -1);
    UNIT(e.kind == ERROR_SYSTEM && strstr(e.detail, "libmesher-none.so.1") != NULL);
}

static const struct unit_test tests[] = {
    {"its_functions_can_be_called", its_functions_can_be_called},
    {"what_is_missing_is_named", what_is_missing_is_named},
};

const struct unit_suite suite_library = {"library", tests, COUNT_OF(tests)};
