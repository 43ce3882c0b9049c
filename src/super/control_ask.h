/*
 * control_ask: the client side of control, used by mesherctl.
 *
 * The answer to `status` has one line per child, its columns separated by tabs, as
 * tree_status() writes them.
 */
#ifndef MESHER_SUPER_CONTROL_ASK_H
#define MESHER_SUPER_CONTROL_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "base/str.h"

/* Time limit for the answer to `status`. */
#define CONTROL_LOOK_MS 5000

enum control_column {
    CONTROL_NAME,
    CONTROL_PID,
    CONTROL_UPTIME_S,
    CONTROL_RESTARTS,
    CONTROL_STATE,
    CONTROL_LAST_EXIT,
    CONTROL_MEMORY_KIB,
    N_CONTROL_COLUMNS
};

/* Sends a request to the mesherd of this directory and appends the answer's lines,
 * without the last, to out.  Waits for the answer up to timeout_ms (-1: no limit).
 * Returns 0, or -1 with ERROR_NOT_FOUND when no mesherd runs there, ERROR_FORBIDDEN when
 * it belongs to another user, ERROR_UNAVAILABLE when it refused (detail: why) or did not
 * answer. */
int control_ask(const char *dir, const char *request, int64_t timeout_ms, struct buf *out,
                struct error *e) MUST_CHECK;

/* Cuts the next line of an answer to `status` off *rest, into its columns: absent where
 * empty.  Returns false at the end. */
bool control_next_row(struct str *rest, struct str cell[N_CONTROL_COLUMNS]) MUST_CHECK;

#endif
