/*
 * parameterize: removes the variable parts from a message (sentry-protocol 8.4).
 *
 * "Job 17 of bob@example.org" becomes "Job <int> of <email>"; "status code 500" stays.
 * The result comes piece by piece, so that nothing has to be stored: slices of the text
 * itself and static words. Only the first two lines that are not blank count; "..."
 * replaces the rest.  One pass, whatever the text: bytes that a pattern has examined
 * without a match are not examined by it again.
 */
#ifndef MESHER_GROUPING_PARAMETERIZE_H
#define MESHER_GROUPING_PARAMETERIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct parameterize {
    struct str line, more;          /* rest of this line; the second line, or absent */
    const char *begin;              /* of this line */
    struct str word;                /* the next piece, or absent */
    bool was_cut;                   /* "..." is still to come */
    const char *no_email, *no_host; /* there is none up to here */
    bool no_quote, no_double_quote, no_back_quote, no_round, no_curly; /* in this line */
    const char *code_end; /* end of the last number that names an error, or NULL */
    const char *data_end; /* end of the last quoted value, or NULL */
    size_t looked_at;     /* bytes examined by all patterns */
};

/* Begins with a valid UTF-8 text, which must outlive s. */
void parameterize_begin(struct parameterize *s, struct str text);

/* Sets the next piece, which is not empty.  Returns false at the end. */
bool parameterize_next(struct parameterize *s, struct str *piece) MUST_CHECK;

/* Joins all pieces into one text, from the arena.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE. */
int parameterize_text(struct arena *a, struct str text, struct str *out,
                      struct error *e) MUST_CHECK;

#endif
