/*
 * outcomes: what became of what was sent and is not stored, counted in memory.
 *
 * A table of fixed size, by project, minute and outcome; whoever stores events writes it
 * into the table of the same name now and then.  When it is full what has a row of its
 * project and outcome is added to that one, whatever its minute, and the rest is not
 * counted.
 */
#ifndef MESHER_WIRE_OUTCOMES_H
#define MESHER_WIRE_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* An outage of several hours with some projects over their limits. */
#define OUTCOMES_MAX 1024U

/* As they stand in frames. */
enum outcome {
    OUTCOME_NONE,
    OUTCOME_DUPLICATE,
    OUTCOME_RATE_LIMITED,
    OUTCOME_MALFORMED,
    OUTCOME_TOO_LARGE,
    OUTCOME_ENCODING,
    OUTCOME_POISON,
    OUTCOME_UNAUTHORIZED,
    OUTCOME_KINDS /* one more than the last */
};

struct outcomes_row {
    int64_t project; /* 0: none */
    int64_t minute;  /* since 1970 */
    enum outcome outcome;
    int64_t quantity;
};

struct outcomes {
    size_t count, last; /* last: found last */
    struct outcomes_row row[OUTCOMES_MAX];
};

/* Adds quantity (1 or more) in the minute of now_us (wall clock). */
void outcomes_add(struct outcomes *o, int64_t project, int64_t now_us,
                  enum outcome outcome, int64_t quantity);

/* Adds all of from. */
void outcomes_add_all(struct outcomes *o, const struct outcomes *from);

/* The outcome that an error means for what was sent; NONE: it is none. */
enum outcome outcomes_of_error(enum error_kind kind) MUST_CHECK;

/* As it stands in the table. */
const char *outcomes_name(enum outcome outcome) MUST_CHECK;

#endif
