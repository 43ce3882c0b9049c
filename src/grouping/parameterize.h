/*
 * parameterize: a message without what varies from one time to the next
 * (sentry-protocol 8.4).
 *
 * "Job 17 of bob@example.org" becomes "Job <int> of <email>".  The text is given piece by
 * piece, so that nothing has to be stored: slices of the text itself and static words.
 * Of the text the first two lines that are not blank count; "..." stands for what was
 * left out.  One pass, whatever the text is: what a pattern has looked at in vain it does
 * not look at again.
 */
#ifndef MESHER_EVENT_PARAMETERIZE_H
#define MESHER_EVENT_PARAMETERIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

struct parameterize {
    struct str line, more; /* what is left of this line; the second line, or absent */
    const char *begin;     /* of this line */
    struct str word;       /* to be given next, or absent */
    bool was_cut;          /* "..." is still to be given */
    const char *no_email, *no_host; /* up to there is none */
    bool no_quote, no_double_quote;
    size_t looked_at; /* bytes, by all patterns: the work that it took */
};

/* Begins with a valid UTF-8 text, which must outlive s. */
void parameterize_begin(struct parameterize *s, struct str text);

/* Gives the next piece, which is not empty.  False at the end. */
bool parameterize_next(struct parameterize *s, struct str *piece) MUST_CHECK;

/* All pieces in one, from the arena.  Returns 0, or -1 with ERROR_UNAVAILABLE. */
int parameterize_text(struct arena *a, struct str text, struct str *out,
                      struct error *e) MUST_CHECK;

#endif
