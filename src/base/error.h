/*
 * error: a failure described once for the client and once for the log.
 *
 * A function that can fail returns 0 or -1 (or NULL) and takes a struct error as its last
 * argument.  The struct lives on the caller's stack and allocates nothing. `text` may be
 * shown to the sender of the request and names the field, byte or limit; `detail` is for
 * the log (errno, SQLSTATE, path).  Neither ever holds a key or a payload.
 */
#ifndef MESHER_BASE_ERROR_H
#define MESHER_BASE_ERROR_H

#include <stdbool.h>

#include "base/compat.h"

enum error_kind {
    ERROR_NONE,         /* no error */
    ERROR_MALFORMED,    /* 400 */
    ERROR_COSTLY,       /* 400: used too much processor time */
    ERROR_UNAUTHORIZED, /* 401 */
    ERROR_FORBIDDEN,    /* 403: Sentry endpoints only */
    ERROR_FILTERED,     /* 403: an inbound filter applies, filter set */
    ERROR_NOT_FOUND,    /* 404 */
    ERROR_METHOD,       /* 405 */
    ERROR_TIMEOUT,      /* 408: the body did not arrive */
    ERROR_LENGTH,       /* 411: the end of the body is unknown */
    ERROR_TOO_LARGE,    /* 413 */
    ERROR_ENCODING,     /* 415 */
    ERROR_LIMITED,      /* 429, retry_after_s set */
    ERROR_POISON,       /* 500: PostgreSQL refused this event, and only this one */
    ERROR_UNAVAILABLE,  /* 503, retry_after_s set */
    ERROR_CONFIG,       /* exit 100: a restart will not help */
    ERROR_SYSTEM,       /* exit 111: a temporary failure of the system */
    ERROR_USAGE         /* exit 2: wrong command-line arguments */
};

struct error {
    enum error_kind kind;
    int retry_after_s;
    char sqlstate[6]; /* "" when PostgreSQL reported none */
    char text[160];
    char detail[240];
    int filter; /* of ERROR_FILTERED: event/filter.h */
};

/* Exit codes of supervised programs, as in daemontools and s6. */
#define ERROR_EXIT_CONFIG 100
#define ERROR_EXIT_SYSTEM 111

/* Sets kind and text and clears the rest; ERROR_UNAVAILABLE gets a retry time of 1 s.
 * Always returns -1, for `return error_set(…)`.  A text that does not fit is
 * truncated. */
int error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

extern const char error_no_memory_text[];

/* Sets ERROR_UNAVAILABLE for a failed allocation.  Returns -1; inline, so that a linter
 * can see it. */
static inline int
error_no_memory(struct error *e)
{
    (void)error_set(e, ERROR_UNAVAILABLE, "%s", error_no_memory_text);
    return -1;
}

/* Returns whether the error is a failed allocation. */
bool error_is_no_memory(const struct error *e) MUST_CHECK;

/* Replaces the detail; keeps kind and text.  Always returns -1. */
int error_detail(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Prepends "prefix: " to the detail, or sets the prefix alone when there is no detail.
 * Returns -1. */
int error_prefix(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Sets ERROR_SYSTEM for a failed system call: detail is "what: strerror(errno)"; text
 * says only that the server failed.  Returns -1; preserves errno. */
int error_errno(struct error *e, const char *what);

/* Returns the exit code of a program after e: 100 for ERROR_CONFIG, else 111. */
int error_exit_code(const struct error *e) MUST_CHECK;

#endif
