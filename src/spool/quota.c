#include "spool/quota.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/num.h"

#define COUNT_BYTES 16

/* Seconds after which a client may try again: by then the database may be back and the
 * spool replayed. */
#define FULL_RETRY_S 5

int
quota_lock(struct quota *q, const char *dir, struct error *e)
{
    char path[PATH_MAX];
    uint8_t count[COUNT_BYTES] = {0};
    int n = snprintf(path, sizeof path, "%s/usage", dir);

    *q = (struct quota){.fd = -1};
    CHECK(n > 0 && (size_t)n < sizeof path);
    q->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (q->fd < 0)
        return error_errno(e, path);
    if (io_lock(q->fd) != 0 || pread(q->fd, count, sizeof count, 0) < 0) {
        error_errno(e, path);
        (void)close(q->fd);
        q->fd = -1;
        return -1;
    }
    q->usage.files = (int64_t)num_be64(count);
    q->usage.bytes = (int64_t)num_be64(count + 8);
    q->before = q->usage;
    return 0;
}

int
quota_unlock(struct quota *q, struct error *e)
{
    bool changed = q->usage.files != q->before.files || q->usage.bytes != q->before.bytes;
    uint8_t count[COUNT_BYTES];
    int fd = q->fd, rc = 0;

    num_put_be64(count, (uint64_t)q->usage.files);
    num_put_be64(count + 8, (uint64_t)q->usage.bytes);
    q->fd = -1;
    if (changed && pwrite(fd, count, sizeof count, 0) != (ssize_t)sizeof count)
        rc = error_errno(e, "usage");
    if (close(fd) != 0 && rc == 0)
        rc = error_errno(e, "usage");
    return rc;
}

int
quota_take(struct quota *q, int64_t bytes, int64_t max_files, int64_t max_bytes,
           struct error *e)
{
    if (q->usage.files >= max_files)
        error_set(e, ERROR_UNAVAILABLE, "spool full: limit is %lld files",
                  (long long)max_files);
    else if (bytes > max_bytes || q->usage.bytes > max_bytes - bytes)
        error_set(e, ERROR_UNAVAILABLE, "spool full: limit is %lld bytes",
                  (long long)max_bytes);
    else {
        q->usage.files++;
        q->usage.bytes += bytes;
        return 0;
    }
    e->retry_after_s = FULL_RETRY_S;
    return -1;
}

void
quota_give(struct quota *q, int64_t bytes)
{
    q->usage.files -= q->usage.files > 0;
    q->usage.bytes -= q->usage.bytes > bytes ? bytes : q->usage.bytes;
}
