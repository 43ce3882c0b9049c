/*
 * report: doctor's findings: for each check its state, a description, and the commands to
 * type if something is wrong.
 *
 * report_add() begins a finding, report_why() and report_mend() may extend it, and it is
 * written when the next one begins or at report_end(): as lines for people, or as an
 * object of a JSON array.  Texts may contain untrusted data (a server's answer); control
 * sequences are removed.
 */
#ifndef MESHER_DOCTOR_REPORT_H
#define MESHER_DOCTOR_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compat.h"

enum report_state {
    REPORT_OK,
    REPORT_WARN, /* works, but perhaps not for long */
    REPORT_FAIL,
    REPORT_SKIP, /* could not be checked */
    N_REPORT_STATES
};

struct report {
    struct buf *out; /* kept */
    bool json;
    size_t count[N_REPORT_STATES];
    /* The current finding; check is NULL when there is none. */
    enum report_state state;
    const char *check;
    struct buf what, mend;
};

/* Initialises an empty report that appends to out. */
void report_begin(struct report *r, struct buf *out, bool json);

/* Begins a finding: the name of the check (kept: a constant) and its text. */
void report_add(struct report *r, enum report_state state, const char *check,
                const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Add why it matters, and a line to type or to put into a file; several calls add several
 * lines. */
void report_why(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void report_mend(struct report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Writes the current finding, if there is one. */
void report_flush(struct report *r);

/* Writes the last finding and releases the report; its counts remain. */
void report_end(struct report *r);

#endif
