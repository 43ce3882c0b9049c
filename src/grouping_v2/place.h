/*
 * place: file and module names without the parts that a build or an installation adds
 * (sentry-protocol 8.3): folders, versions, hashes, numbers of generated classes.
 */
#ifndef MESHER_GROUPING_V2_PLACE_H
#define MESHER_GROUPING_V2_PLACE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping_v2/family.h"

/* Returns the part after the last / or \. */
struct str v2_place_base(struct str path) MUST_CHECK;

/* Sets the base name of a path in lower case, without a query (in JavaScript), and
 * without components that are versions ("-1.2.3") or hashes (8 hexadecimal digits or
 * more).  Allocates from the arena.  Both functions return 0, or -1 with
 * ERROR_UNAVAILABLE. */
int v2_place_file(struct arena *a, enum family family, struct str path, struct str *out,
                  struct error *e) MUST_CHECK;

/* Cleans a module name; absent when it is generated at run time. */
int v2_place_module(struct arena *a, enum family family, struct str module,
                    struct str *out, struct error *e) MUST_CHECK;

/* Returns whether it is a web address rather than a file system path. */
bool v2_place_is_url(struct str path) MUST_CHECK;

#endif
