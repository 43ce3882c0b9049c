/*
 * name: names of functions and types without their noise: hashes, numbers of closures and
 * lambdas, proxies, generics, arguments, and the several spellings of one name.
 *
 * Each language has a function of its own (name_script.c, name_managed.c, name_native.c,
 * name_rust.c).  They take linear time, and cleaning a clean name changes nothing.
 */
#ifndef MESHER_FRAMES_NAME_H
#define MESHER_FRAMES_NAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "frames/language.h"

/* A function's name. */
struct name {
    struct str full;   /* as people write it, with its class if it has one; or absent */
    struct str counts; /* the part that tells bugs apart; absent if nothing does */
    struct str number; /* of a closure without a name of its own; or absent */
    bool is_closure;
    bool is_minified; /* one or two letters that a minifier chose */
};

/* Cleans a function's name (only its first LIMIT_FUNCTION_BYTES count); module: as the
 * SDK sent it, may be absent.  The results are views of the name, static, or from the
 * arena.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int name_function(struct arena *a, enum language l, struct str name, struct str module,
                  struct name *out, struct error *e) MUST_CHECK;

/* Returns the type of an exception without a place or a number in it; absent if nothing
 * is left. */
struct str name_type(enum language l, struct str type) MUST_CHECK;

/* Returns whether a type does not say what happened, although the stack is that of the
 * program: the value tells. */
bool name_type_is_vague(enum language l, struct str type) MUST_CHECK;

/* Returns whether a type only wraps the exception that caused it. */
bool name_type_is_wrapper(enum language l, struct str type) MUST_CHECK;

/* Returns whether a type is a signal or a code of the processor: its value is an address,
 * not a description. */
bool name_type_is_signal(struct str type) MUST_CHECK;

/* Returns at most LIMIT_FUNCTION_BYTES of a name, in whole characters. */
struct str name_cut(struct str name) MUST_CHECK;

#endif
