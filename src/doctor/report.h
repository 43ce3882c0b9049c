/*
 * report: what doctor found: for each thing that was looked at its state, what it is, and
 * what to type where it is not well.
 *
 * A finding is begun by report_add(), may get more by report_why() and report_mend(), and
 * is written when the next one begins or at report_end(): as lines for people, or as an
 * object of a JSON array.  Texts may hold what others wrote (a server's answer); what
 * steers a terminal does not reach it.
 */
#ifndef MESHER_DOCTOR_REPORT_H
#define MESHER_DOCTOR_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"

enum report_state {
    REPORT_OK,
    REPORT_WARN, /* works, and may not for long */
    REPORT_FAIL,
    REPORT_SKIP, /* could not be tried */
    REPORT_STATES
};

struct report {
    struct buf *out; /* kept */
    bool json;
    size_t count[REPORT_STATES];
    /* The finding that is begun; check is NULL where none is. */
    enum report_state state;
    const char *check;
    struct buf what, mend;
};

/* Begins an empty report that appends to out. */
void report_begin(struct report *r, struct buf *out, bool json);

/* Begins a finding: the name of the check (kept: a constant) and what is to be said. */
void report_add(struct report *r, enum report_state state, const char *check,
                const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Says why it matters, and a line of what to type or to put into which file; several
 * are several lines. */
void report_why(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void report_mend(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Writes the finding that is begun, if one is. */
void report_flush(struct report *r);

/* Writes what is left and releases the report; its counts stay. */
void report_end(struct report *r);

#endif
