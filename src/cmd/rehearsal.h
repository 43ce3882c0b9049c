/*
 * rehearsal: what another grouping would change: which issues would split, and which
 * would become one.
 *
 * Counts events by their issue, the fingerprint that they were stored with, and the one
 * that they would get.  Only different combinations take memory.
 */
#ifndef MESHER_CMD_REHEARSAL_H
#define MESHER_CMD_REHEARSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

#define REHEARSAL_PRINT_BYTES 16U

/* Events of one combination. */
struct rehearsal_cell {
    struct str issue;                     /* "SHOP-17" */
    struct str stored;                    /* hexadecimal, or empty */
    uint8_t print[REHEARSAL_PRINT_BYTES]; /* the new fingerprint */
    int64_t events;
    struct str event, title, culprit; /* the newest one, and its new texts */
};

struct rehearsal {
    struct arena *a;
    struct rehearsal_cell **cells; /* sorted by rehearsal_sort_*() */
    size_t count;
    int64_t events;

    struct rehearsal_cell **table; /* for rehearsal.c */
    size_t slots;
};

/* Initialises an empty one; texts are copied into a. */
void rehearsal_init(struct rehearsal *r, struct arena *a);

/* Frees what is not in the arena. */
void rehearsal_release(struct rehearsal *r);

/* Counts an event.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int rehearsal_add(struct rehearsal *r, const struct rehearsal_cell *event,
                  struct error *e) MUST_CHECK;

/* Sorts the cells so that those of one issue and stored fingerprint, or of one new
 * fingerprint, follow one another; of these, the most frequent first. */
void rehearsal_sort_by_issue(struct rehearsal *r);
void rehearsal_sort_by_print(struct rehearsal *r);

/* Return the end of the run of cells that begins at `from`: which would split, or would
 * become one. */
size_t rehearsal_end_of_issue(const struct rehearsal *r, size_t from) MUST_CHECK;
size_t rehearsal_end_of_print(const struct rehearsal *r, size_t from) MUST_CHECK;

/* Returns whether the cells from `from` up to `to` belong to several issues. */
bool rehearsal_joins(const struct rehearsal *r, size_t from, size_t to) MUST_CHECK;

/* Returns the number of issues; sorted by issue. */
size_t rehearsal_issues(const struct rehearsal *r) MUST_CHECK;

#endif
