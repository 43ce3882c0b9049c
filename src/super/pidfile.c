#include "super/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#define FILE_MODE 0644

static int
path_of(const char *dir, const char *name, const char *end, char out[PATH_MAX],
        struct error *e)
{
    int n = snprintf(out, PATH_MAX, "%s/%s.pid%s", dir, name, end);

    if (n > 0 && n < PATH_MAX)
        return 0;
    errno = ENAMETOOLONG;
    return error_errno(e, dir);
}

static int
write_number(int fd, pid_t pid)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", (long)pid);

    return io_write_all(fd, text, (size_t)n, INT64_MAX);
}

static int
is_held(int fd, const char *dir, struct error *e)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    text[n > 0 ? strcspn(text, "\n") : 0] = '\0';
    error_set(e, ERROR_CONFIG, "already running");
    return error_detail(e, "another mesherd%s%s runs in %.150s",
                        text[0] == '\0' ? "" : ", process ", text, dir);
}

/* Returns whether the open file fd is the one at path. */
static int
is_current(int fd, const char *path)
{
    struct stat ours, theirs;

    return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 &&
           ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

int
pidfile_lock(const char *dir, const char *name, struct error *e)
{
    char path[PATH_MAX];

    if (path_of(dir, name, "", path, e) != 0)
        return -1;
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);

        if (fd < 0)
            return error_errno(e, path);
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            (void)(errno == EWOULDBLOCK ? is_held(fd, dir, e) : error_errno(e, path));
            (void)close(fd);
            return -1;
        }
        /* Its last owner may have removed it between open and lock. */
        if (!is_current(fd, path)) {
            (void)close(fd);
            continue;
        }
        if (ftruncate(fd, 0) == 0 && write_number(fd, getpid()) == 0)
            return fd;
        (void)error_errno(e, path);
        (void)close(fd);
        return -1;
    }
}

void
pidfile_unlock(const char *dir, const char *name, int fd)
{
    pidfile_remove(dir, name);
    (void)close(fd);
}

int
pidfile_write(const char *dir, const char *name, pid_t pid, struct error *e)
{
    char path[PATH_MAX], new[PATH_MAX];
    int fd, rc;

    if (path_of(dir, name, "", path, e) != 0 || path_of(dir, name, ".new", new, e) != 0)
        return -1;
    fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return error_errno(e, new);
    rc = write_number(fd, pid);
    if (close(fd) != 0 || rc != 0 || rename(new, path) != 0) {
        (void)error_errno(e, path);
        (void)unlink(new);
        return -1;
    }
    return 0;
}

void
pidfile_remove(const char *dir, const char *name)
{
    char path[PATH_MAX];
    struct error ignored;

    if (path_of(dir, name, "", path, &ignored) == 0)
        (void)unlink(path);
}
