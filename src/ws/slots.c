#include "ws/slots.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

int
slots_take(const char *dir, const char *name, size_t count, struct error *e)
{
    /* Each process starts at a different slot, so that only a full set is searched
     * entirely. */
    size_t first = (size_t)getpid() % count;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        (void)error_errno(e, dir);
        return -2;
    }
    for (size_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        int fd;

        (void)snprintf(path, sizeof path, "%s/%s.%zu", dir, name, (first + i) % count);
        fd = io_try_lock(path);
        if (fd >= 0)
            return fd;
        if (errno != EWOULDBLOCK) {
            (void)error_errno(e, path);
            return -2;
        }
    }
    return -1;
}
