/*
 * tempfile: a file without a name, for what is too large to be held in memory.
 *
 * It is gone when it is closed, and so when the process dies.
 */
#ifndef MESHER_INGEST_TEMPFILE_H
#define MESHER_INGEST_TEMPFILE_H

#include <stddef.h>

#include "base/compat.h"
#include "base/error.h"

struct tempfile {
    int fd;   /* -1: not open */
    size_t n; /* bytes written */
};

/* Not open yet. */
struct tempfile tempfile_init(void) MUST_CHECK;

/* Appends, after it was made in dir if it is not open.  Returns 0, or -1 with
 * ERROR_UNAVAILABLE: there is no room, or no such directory (the detail says). */
int tempfile_add(struct tempfile *f, const char *dir, const void *p, size_t n,
                 struct error *e) MUST_CHECK;

/* Reads n bytes at an offset; they must have been written.  Returns as above. */
int tempfile_read(const struct tempfile *f, size_t at, void *p, size_t n,
                  struct error *e) MUST_CHECK;

/* Closes it, which removes it. */
void tempfile_close(struct tempfile *f);

#endif
