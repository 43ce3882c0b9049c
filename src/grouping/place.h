/*
 * place: names of files and modules without what a build or an installation puts into
 * them (sentry-protocol 8.3): folders, versions, hashes, numbers of generated classes.
 */
#ifndef MESHER_EVENT_PLACE_H
#define MESHER_EVENT_PLACE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"
#include "grouping/family.h"

/* What is behind the last / or \. */
struct str place_base(struct str path) MUST_CHECK;

/* The base of a path in lower case, without a query (in JavaScript), without parts that
 * are versions ("-1.2.3") or hashes (8 hexadecimal digits or more).  From the arena.
 * Returns 0, or -1 with ERROR_UNAVAILABLE; so does the other. */
int place_file(struct arena *a, enum family family, struct str path, struct str *out,
               struct error *e) MUST_CHECK;

/* A module; absent when it is one that is made up anew each time. */
int place_module(struct arena *a, enum family family, struct str module, struct str *out,
                 struct error *e) MUST_CHECK;

/* Is it the address of something on the web, not in a file system? */
bool place_is_url(struct str path) MUST_CHECK;

#endif
