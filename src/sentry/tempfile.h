/*
 * tempfile: an unnamed file for data that is too large for memory.
 *
 * It disappears when it is closed, and so when the process dies.
 */
#ifndef MESHER_SENTRY_TEMPFILE_H
#define MESHER_SENTRY_TEMPFILE_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

struct tempfile {
    int fd;   /* -1: not open */
    size_t n; /* bytes written */
};

/* Returns a file that is not open yet. */
struct tempfile tempfile_init(void) MUST_CHECK;

/* Appends bytes; creates the file in dir if it is not open.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE: no room, or no such directory (see the detail). */
int tempfile_add(struct tempfile *f, const char *dir, const void *p, size_t n,
                 struct error *e) MUST_CHECK;

/* Reads n bytes at an offset; they must have been written before.  Returns as above. */
int tempfile_read(const struct tempfile *f, size_t at, void *p, size_t n,
                  struct error *e) MUST_CHECK;

/* Closes the file, which removes it. */
void tempfile_close(struct tempfile *f);

#endif
