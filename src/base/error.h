/*
 * error: what went wrong, once for the client and once for the log.
 *
 * A function that can fail returns 0 or -1 (or NULL) and takes a struct error last.  It
 * lives on the caller's stack and allocates nothing.  `text` may be shown to whoever sent
 * the request and names field, byte or limit; `detail` is for the log (errno, SQLSTATE,
 * path).  Neither ever holds a key or a payload.
 */
#ifndef MESHER_BASE_ERROR_H
#define MESHER_BASE_ERROR_H

#include "base/compat.h"

enum error_kind {
    ERROR_NONE,         /* nothing wrong */
    ERROR_MALFORMED,    /* 400 */
    ERROR_UNAUTHORIZED, /* 401 */
    ERROR_FORBIDDEN,    /* 403: the Sentry endpoints only */
    ERROR_NOT_FOUND,    /* 404 */
    ERROR_METHOD,       /* 405 */
    ERROR_TIMEOUT,      /* 408: the body did not come */
    ERROR_LENGTH,       /* 411: the body's end cannot be told */
    ERROR_TOO_LARGE,    /* 413 */
    ERROR_ENCODING,     /* 415 */
    ERROR_LIMITED,      /* 429, retry_after_s set */
    ERROR_POISON,       /* 500: PostgreSQL refused this event, and only this one */
    ERROR_UNAVAILABLE,  /* 503, retry_after_s set */
    ERROR_CONFIG,       /* exit 100: starting again will not help */
    ERROR_SYSTEM        /* exit 111: the machine failed us now */
};

struct error {
    enum error_kind kind;
    int retry_after_s;
    char sqlstate[6]; /* "" when PostgreSQL gave none */
    char text[160];
    char detail[240];
};

/* Exit codes of supervised programs, as in daemontools and s6. */
#define ERROR_EXIT_CONFIG 100
#define ERROR_EXIT_SYSTEM 111

/* Sets kind and text, clears the rest; ERROR_UNAVAILABLE is to be tried again in 1 s.
 * Always returns -1, for `return error_set(…)`.  A text that does not fit is cut. */
int error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* ERROR_UNAVAILABLE: an allocation failed.  Returns -1, which a linter can see here. */
static inline int
error_no_memory(struct error *e)
{
    (void)error_set(e, ERROR_UNAVAILABLE, "out of memory");
    return -1;
}

/* Replaces the detail; keeps kind and text.  Always returns -1. */
int error_detail(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "prefix: " in front of the detail, or the prefix alone where there is none.
 * Returns -1. */
int error_prefix(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ERROR_SYSTEM for a failed system call: detail is "what: strerror(errno)", text says
 * only that the server failed.  Returns -1, errno kept. */
int error_errno(struct error *e, const char *what);

/* The code that a program exits with after e: 100 for ERROR_CONFIG, else 111. */
int error_exit_code(const struct error *e) MUST_CHECK;

#endif
