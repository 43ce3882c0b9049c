#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char error_no_memory_text[] = "out of memory";

bool
error_is_no_memory(const struct error *e)
{
    return e->kind == ERROR_UNAVAILABLE && strcmp(e->text, error_no_memory_text) == 0;
}

int
error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
{
    va_list ap;

    *e = (struct error){.kind = kind, .retry_after_s = kind == ERROR_UNAVAILABLE};
    va_start(ap, fmt);
    (void)vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    return -1;
}

int
error_detail(struct error *e, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(e->detail, sizeof e->detail, fmt, ap);
    va_end(ap);
    return -1;
}

int
error_prefix(struct error *e, const char *fmt, ...)
{
    char prefix[sizeof e->detail], old[sizeof e->detail];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    (void)memcpy(old, e->detail, sizeof old);
    return error_detail(e, "%.100s%s%.130s", prefix, old[0] != '\0' ? ": " : "", old);
}

int
error_errno(struct error *e, const char *what)
{
    int saved = errno;

    error_set(e, ERROR_SYSTEM, "internal failure");
    error_detail(e, "%s: %s", what, strerror(saved));
    errno = saved;
    return -1;
}

int
error_exit_code(const struct error *e)
{
    return e->kind == ERROR_CONFIG ? ERROR_EXIT_CONFIG : ERROR_EXIT_SYSTEM;
}
