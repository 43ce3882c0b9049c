/*
 * lookup: finds JSON values by name or by number when many are needed.
 *
 * Scanning an object for each name costs the number of names times its size; this table
 * is filled in one pass and sorted once.
 */
#ifndef MESHER_JSON_LOOKUP_H
#define MESHER_JSON_LOOKUP_H

#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/str.h"

struct lookup_entry {
    struct str name, value;
    size_t order; /* position in which it was added */
};

struct lookup {
    struct lookup_entry *list;
    size_t count, room;
};

/* Creates an empty table with the given room, in the arena.  Returns 0, or -1 when the
 * arena is exhausted. */
int lookup_init(struct lookup *l, struct arena *a, size_t room) MUST_CHECK;

/* Adds an entry, for which there must be room; keeps the views. */
void lookup_add(struct lookup *l, struct str name, struct str value);

/* Sorts the table; call it between the last lookup_add() and the first lookup_name(). */
void lookup_sort(struct lookup *l);

/* Returns the value added under this name, the last of several; absent when there is
 * none. */
struct str lookup_name(const struct lookup *l, struct str name) MUST_CHECK;

/* Returns the value added as number i to an unsorted table; absent when there are
 * fewer. */
struct str lookup_number(const struct lookup *l, size_t i) MUST_CHECK;

#endif
