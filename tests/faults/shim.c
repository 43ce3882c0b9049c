/*
 * shim: a bad disk under the spool, and a clock that jumps, by LD_PRELOAD.
 *
 * The file that MESHER_FAULT_FILE names says what the disk does at the moment: its first
 * letter is n (no space is left), i (an I/O error) or s (slow: 200 ms for each flush);
 * empty, or not there: all is well.  Only descriptors of files below a directory called
 * "spool" are meant.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define SLOW_NS 200000000L

static int
is_spool(int fd)
{
    char link[64], path[4096];
    ssize_t n;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return 0;
    path[n] = '\0';
    return strstr(path, "/spool/") != NULL;
}

static char
fault(int fd)
{
    const char *name = getenv("MESHER_FAULT_FILE");
    char c = '\0';
    int file;

    if (name == NULL)
        return '\0';
    file = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return '\0';
    if (syscall(SYS_read, file, &c, 1) != 1)
        c = '\0';
    (void)syscall(SYS_close, file);
    if (c == '\0' || !is_spool(fd))
        return '\0';
    return c;
}

/* -1 with errno when the disk refuses. */
static int
refuses(int fd)
{
    char c = fault(fd);

    if (c != 'n' && c != 'i')
        return 0;
    errno = c == 'n' ? ENOSPC : EIO;
    return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc's have others */
ssize_t
write(int fd, const void *p, size_t n)
{
    /* Half of it may still fit. */
    if (n > 1 && refuses(fd) != 0)
        return errno == ENOSPC && n > 100 ? syscall(SYS_write, fd, p, (size_t)50) : -1;
    return syscall(SYS_write, fd, p, n);
}

int
fsync(int fd)
{
    struct timespec slow = {.tv_nsec = SLOW_NS};

    if (refuses(fd) != 0)
        return -1;
    if (fault(fd) == 's')
        (void)nanosleep(&slow, NULL);
    return (int)syscall(SYS_fsync, fd);
}

int
renameat(int from, const char *a, int to, const char *b)
{
    if (refuses(to) != 0)
        return -1;
    return (int)syscall(SYS_renameat, from, a, to, b);
}

/* The wall clock jumps by the seconds in the file that MESHER_CLOCK_FILE names: 8 bytes.
 */
static long long
jumped(void)
{
    static const volatile long long *seconds;
    const char *name = getenv("MESHER_CLOCK_FILE"); /* NOLINT(concurrency-mt-unsafe) */

    if (seconds == NULL && name != NULL) {
        int file = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
        void *page = file < 0
                         ? MAP_FAILED
                         : mmap(NULL, sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);

        if (file >= 0)
            (void)syscall(SYS_close, file);
        if (page != MAP_FAILED)
            seconds = page;
    }
    return seconds == NULL ? 0 : *seconds;
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, t);

    if (rc == 0 && clock == CLOCK_REALTIME)
        t->tv_sec += jumped();
    return rc;
}

int
gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t
time(time_t *t)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    if (t != NULL)
        *t = now.tv_sec;
    return now.tv_sec;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
