#include "sentry/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_MAX_BYTES 4200U

struct tempfile
tempfile_init(void)
{
    return (struct tempfile){.fd = -1};
}

static int
failed(struct error *e, const char *what)
{
    int saved = errno;

    error_set(e, ERROR_UNAVAILABLE, "cannot accept attachments now");
    return error_detail(e, "temporary file: %s: %s", what, strerror(saved));
}

/* Not every file system supports unnamed files. */
static int
open_named(const char *dir)
{
    char path[PATH_MAX_BYTES];
    int fd;

    (void)snprintf(path, sizeof path, "%s/mesher-XXXXXX", dir);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0 && unlink(path) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

int
tempfile_add(struct tempfile *f, const char *dir, const void *p, size_t n,
             struct error *e)
{
    const char *at = p;

    if (f->fd < 0)
        f->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (f->fd < 0)
        f->fd = open_named(dir);
    if (f->fd < 0)
        return failed(e, "open");
    while (n > 0) {
        ssize_t wrote = pwrite(f->fd, at, n, (off_t)f->n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return failed(e, "write");
        at += wrote;
        n -= (size_t)wrote;
        f->n += (size_t)wrote;
    }
    return 0;
}

int
tempfile_read(const struct tempfile *f, size_t at, void *p, size_t n, struct error *e)
{
    char *to = p;

    CHECK(n == 0 || (f->fd >= 0 && at + n <= f->n));
    while (n > 0) {
        ssize_t got = pread(f->fd, to, n, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return failed(e, "read");
        to += got;
        at += (size_t)got;
        n -= (size_t)got;
    }
    return 0;
}

void
tempfile_close(struct tempfile *f)
{
    if (f->fd >= 0)
        (void)close(f->fd);
    *f = tempfile_init();
}
