/*
 * ctl_synopsis: reads the synopsis of a command.
 *
 * A synopsis is words separated by blanks: arguments in capitals ("NAME", "NAME...",
 * "NAME|all"), options ("--limit N", "--yes", "--sort a|b" for one of these words), in
 * brackets if they can be left out; a bar between blanks separates alternatives.
 */
#ifndef MESHER_CMD_CTL_SYNOPSIS_H
#define MESHER_CMD_CTL_SYNOPSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compat.h"
#include "base/str.h"

enum synopsis_kind { SYNOPSIS_ARGUMENT, SYNOPSIS_OPTION, SYNOPSIS_BAR };

struct synopsis_word {
    enum synopsis_kind kind;
    struct str name;  /* an argument's, or an option's without "--" */
    struct str value; /* of an option; none: a flag */
    bool optional, repeats;
};

/* Reads the next word, from *rest on; *depth counts open brackets and begins as 0.
 * Returns false at the end. */
bool synopsis_next(const char **rest, unsigned *depth,
                   struct synopsis_word *out) MUST_CHECK;

/* Returns whether the command has this option (without "--"); *value: its value's name,
 * or its words. */
bool synopsis_has(const char *synopsis, const char *option, struct str *value) MUST_CHECK;

/* Checks a number of arguments.  Returns 0; -1 if there are too few, *missing being the
 * name of the first that is missing; or 1 if there are too many. */
int synopsis_arguments(const char *synopsis, size_t n, struct str *missing) MUST_CHECK;

/* Returns whether the text is one of the words of "a|b|c"; a value without bars is any
 * text. */
bool synopsis_allows(struct str value, const char *text) MUST_CHECK;

#endif
