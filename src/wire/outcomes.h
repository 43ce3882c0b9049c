/*
 * outcomes: counts, in memory, the events that were sent but not stored, and why.
 *
 * A table of fixed size, by project, minute and outcome; the process that stores events
 * writes it into the table of the same name from time to time.  When it is full, a count
 * is added to an existing row of its project and outcome, whatever the minute; without
 * such a row it is lost.
 */
#ifndef MESHER_WIRE_OUTCOMES_H
#define MESHER_WIRE_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"

/* Enough for an outage of several hours with some projects over their limits. */
#define OUTCOMES_MAX 1024U

/* Numbers as in frames. */
enum outcome {
    OUTCOME_NONE,
    OUTCOME_DUPLICATE,
    OUTCOME_RATE_LIMITED,
    OUTCOME_MALFORMED,
    OUTCOME_TOO_LARGE,
    OUTCOME_ENCODING,
    OUTCOME_POISON,
    OUTCOME_UNAUTHORIZED,
    OUTCOME_ATTACHMENT_LIMITED,  /* attachments, not events */
    OUTCOME_FILTERED_EXTENSIONS, /* by inbound filters, in the order of event/filter.h */
    OUTCOME_FILTERED_LOCALHOST,
    OUTCOME_FILTERED_BROWSERS,
    OUTCOME_FILTERED_CRAWLERS,
    OUTCOME_FILTERED_MESSAGE,
    OUTCOME_FILTERED_RELEASE,
    OUTCOME_SESSION_OLD,      /* sessions of too long ago, or of the future */
    OUTCOME_CHECK_IN_LIMITED, /* check-ins, not events */
    OUTCOME_CHECK_IN_INVALID,
    OUTCOME_KINDS /* one more than the last */
};

struct outcomes_row {
    int64_t project; /* 0: none */
    int64_t minute;  /* since 1970 */
    enum outcome outcome;
    int64_t quantity;
};

struct outcomes {
    size_t count, last; /* last: the row found last */
    struct outcomes_row row[OUTCOMES_MAX];
};

/* Adds quantity (1 or more) in the minute of now_us (wall clock). */
void outcomes_add(struct outcomes *o, int64_t project, int64_t now_us,
                  enum outcome outcome, int64_t quantity);

/* Adds all counts of from. */
void outcomes_add_all(struct outcomes *o, const struct outcomes *from);

/* Returns the outcome of an event that failed with this error; NONE when there is
 * none. */
enum outcome outcomes_of_error(enum error_kind kind) MUST_CHECK;

/* Returns the outcome of an inbound filter (event/filter.h, from 1). */
enum outcome outcomes_of_filter(int filter) MUST_CHECK;

/* Returns the outcome's name in the table. */
const char *outcomes_name(enum outcome outcome) MUST_CHECK;

#endif
