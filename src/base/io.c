#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define READ_BYTES 16384U

ssize_t
io_read(int fd, void *p, size_t n)
{
    ssize_t got;

    do
        got = read(fd, p, n);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t
io_write(int fd, const void *p, size_t n)
{
    ssize_t put;

    do
        put = write(fd, p, n);
    while (put < 0 && errno == EINTR);
    return put;
}

int
io_wait(int fd, short events, int64_t timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    int64_t end_ms = timeout_ms < 0 ? 0 : clock_now_ms() + timeout_ms;

    for (;;) {
        int64_t left = timeout_ms < 0 ? -1 : end_ms - clock_now_ms();
        int n;

        if (timeout_ms >= 0 && left < 0)
            left = 0;
        n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (n > 0)
            return p.revents;
        if (n == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

int
io_write_all(int fd, const void *p, size_t n, int64_t deadline_ms)
{
    const char *at = p;

    while (n > 0) {
        ssize_t put = io_write(fd, at, n);
        int64_t left_ms;

        if (put >= 0) {
            at += put;
            n -= (size_t)put;
            continue;
        }
        if (errno != EAGAIN)
            return -1;
        left_ms = deadline_ms - clock_now_ms();
        if (io_wait(fd, POLLOUT, left_ms < 0 ? 0 : left_ms) == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    return 0;
}

int
io_read_file(const char *path, struct buf *out, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[READ_BYTES];
    ssize_t got = 0;

    if (fd < 0)
        return error_errno(e, path);
    do {
        got = io_read(fd, chunk, sizeof chunk);
        if (got > 0)
            buf_add(out, chunk, (size_t)got);
        if (out->failed)
            errno = EFBIG;
    } while (got > 0 && !out->failed);
    if (out->failed || got < 0)
        error_errno(e, path);
    (void)close(fd);
    return out->failed || got < 0 ? -1 : 0;
}

int
io_flush_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return -1;
    rc = fsync(fd);
    return close(fd) != 0 ? -1 : rc;
}

static int
write_and_flush(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc;

    if (fd < 0)
        return -1;
    rc = io_write_all(fd, bytes.p, bytes.n, INT64_MAX);
    if (rc == 0)
        rc = fsync(fd);
    return close(fd) != 0 ? -1 : rc;
}

int
io_durable_file(const char *dir, const char *name, struct str bytes, struct error *e)
{
    char tmp[PATH_MAX], path[PATH_MAX];
    int a = snprintf(tmp, sizeof tmp, "%s/.tmp.%ld.%s", dir, (long)getpid(), name);
    int b = snprintf(path, sizeof path, "%s/%s", dir, name);

    if (a < 0 || b < 0 || (size_t)a >= sizeof tmp || (size_t)b >= sizeof path) {
        errno = ENAMETOOLONG;
        return error_errno(e, dir);
    }
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return error_errno(e, dir);
    (void)unlink(tmp); /* left by a dead process with the same number */
    if (write_and_flush(tmp, bytes) != 0 || rename(tmp, path) != 0 ||
        io_flush_folder(dir) != 0) {
        error_errno(e, path);
        (void)unlink(tmp);
        return -1;
    }
    return 0;
}

static bool
has_bytes(const char *dir, const char *name, struct str bytes)
{
    struct buf old = buf_init(bytes.n + 1);
    char path[PATH_MAX];
    struct error ignored;
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    bool same = n > 0 && (size_t)n < sizeof path &&
                io_read_file(path, &old, &ignored) == 0 && str_eq(buf_str(&old), bytes);

    buf_release(&old);
    return same;
}

int
io_durable_change(const char *dir, const char *name, struct str bytes, struct error *e)
{
    return has_bytes(dir, name, bytes) ? 0 : io_durable_file(dir, name, bytes, e);
}

static int
unix_address(const char *path, struct sockaddr_un *out)
{
    size_t n = strlen(path);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (n == 0 || n >= sizeof out->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    (void)memcpy(out->sun_path, path, n);
    return 0;
}

int
io_unix_connect(const char *path)
{
    struct sockaddr_un to;
    int fd, saved;

    if (unix_address(path, &to) != 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

/* Only a socket that refuses connections is stale: any other file of that name belongs to
 * somebody. */
static int
remove_stale(const char *path)
{
    struct stat st;
    int fd;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : -1;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    fd = io_unix_connect(path);
    if (fd >= 0) {
        (void)close(fd);
        errno = EADDRINUSE;
        return -1;
    }
    return errno == ECONNREFUSED ? unlink(path) : -1;
}

int
io_unix_listen(const char *path, unsigned mode, int backlog, struct error *e)
{
    struct sockaddr_un at;
    int fd = -1;

    if (unix_address(path, &at) != 0) {
        error_set(e, ERROR_CONFIG, "cannot listen");
        return error_detail(e, "%.120s: a Unix socket's path has 1 to %zu bytes", path,
                            sizeof at.sun_path - 1);
    }
    if (remove_stale(path) != 0)
        return error_errno(e, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
        chmod(path, (mode_t)mode) == 0 && listen(fd, backlog) == 0)
        return fd;
    error_errno(e, path);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int
io_lock(int fd)
{
    int rc;

    do {
        rc = flock(fd, LOCK_EX);
    } while (rc != 0 && errno == EINTR);
    return rc;
}

int
io_try_lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), why;

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

int64_t
io_file_age_ms(const char *path)
{
    struct stat st;
    int64_t age;

    if (stat(path, &st) != 0)
        return INT64_MAX;
    age = clock_wall_us() / 1000 -
          ((int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
    return age < 0 ? INT64_MAX : age;
}
