/*
 * origins: the origins whose pages may send to a project, cached for a few seconds.
 *
 * A list with commas or blanks between its entries: "*", a host ("example.org", also with
 * a port), all hosts below one ("*.example.org"), or a whole origin
 * ("https://example.org:8443").  The table has a fixed size: two projects in one slot
 * evict each other, which costs a question.  Times are clock_now_ms() values from the
 * caller.
 */
#ifndef MESHER_ADMIT_ORIGINS_H
#define MESHER_ADMIT_ORIGINS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/str.h"

/* The longest list, in bytes; the schema has the same number. */
#define ORIGINS_MAX_BYTES 1000U

#define ORIGINS_SLOTS 64U
#define ORIGINS_TTL_MS 2000

struct origins_slot {
    int64_t project; /* 0: unused */
    int64_t until_ms;
    uint16_t n;
    char text[ORIGINS_MAX_BYTES];
};

struct origins_table {
    struct origins_slot slot[ORIGINS_SLOTS];
};

/* Caches the list of project, at most ORIGINS_MAX_BYTES. */
void origins_put(struct origins_table *t, int64_t project, int64_t now_ms,
                 struct str list);

/* Sets the list, valid until the next put; returns false when there is no fresh one. */
bool origins_get(const struct origins_table *t, int64_t project, int64_t now_ms,
                 struct str *list) MUST_CHECK;

/* Returns whether the list allows this origin (or page).  "null", the origin of pages
 * from files, is allowed only by "*" or "null". */
bool origins_allow(struct str list, struct str origin) MUST_CHECK;

#endif
