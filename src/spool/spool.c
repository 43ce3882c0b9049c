#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/io.h"
#include "base/num.h"
#include "spool/folder.h"

#define SUMMED_BYTES 32U /* of the header */
#define LENGTH_AT 24U
#define FULL_COUNT_MS 1000 /* Minimum interval between recounts of a full spool. */
#define RETRY_S 1

static const char magic[8] = {'m', 's', 'h', 's', 'p', 'o', 'o', 'l'};

struct spool {
    struct spool_settings settings;
    int tmp, fresh, bad; /* descriptors of the folders; -1: not open */
    int64_t counted_ms;
    struct timespec new_changed, tmp_changed;
};

struct spool *
spool_new(const struct spool_settings *settings)
{
    struct spool *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->settings = *settings;
    s->tmp = s->fresh = s->bad = -1;
    s->counted_ms = INT64_MIN / 2;
    return s;
}

static void
close_folders(struct spool *s)
{
    folder_close(&s->tmp);
    folder_close(&s->fresh);
    folder_close(&s->bad);
}

void
spool_free(struct spool *s)
{
    if (s == NULL)
        return;
    close_folders(s);
    free(s);
}

bool
spool_is_configured(const struct spool *s)
{
    return s->settings.dir[0] != '\0';
}

int
spool_prepare(struct spool *s, struct error *e)
{
    const char *dir = s->settings.dir;

    if (!spool_is_configured(s)) {
        error_set(e, ERROR_SYSTEM, "no spool");
        return error_detail(e, "spool_dir is empty");
    }
    if (s->bad >= 0)
        return 0;
    if (folder_open(dir, "tmp", &s->tmp, e) == 0 &&
        folder_open(dir, "new", &s->fresh, e) == 0 &&
        folder_open(dir, "bad", &s->bad, e) == 0)
        return 0;
    close_folders(s);
    return -1;
}

static int
folder_of(const struct spool *s, enum spool_part part)
{
    return part == SPOOL_NEW ? s->fresh : s->bad;
}

static void
put_checksum(uint8_t out[16], const char *head, struct str frames)
{
    XXH64_hash_t seed = XXH3_64bits(head, SUMMED_BYTES);
    XXH128_canonical_t sum;

    XXH128_canonicalFromHash(&sum, XXH3_128bits_withSeed(frames.p, frames.n, seed));
    (void)memcpy(out, sum.digest, 16);
}

static void
make_head(char head[SPOOL_HEAD_BYTES], struct str frames, uint32_t events, int64_t at_us)
{
    (void)memcpy(head, magic, sizeof magic);
    num_put_be32(head + 8, SPOOL_VERSION);
    num_put_be32(head + 12, events);
    num_put_be64(head + 16, (uint64_t)at_us);
    num_put_be64(head + LENGTH_AT, frames.n);
    put_checksum((uint8_t *)head + SUMMED_BYTES, head, frames);
}

/* The time, and a part that no other file of that moment has. */
static void
make_name(char name[FOLDER_NAME_BYTES], int64_t at_us)
{
    uint64_t other = 0;

    if (getrandom(&other, sizeof other, 0) != (ssize_t)sizeof other)
        other = (uint64_t)clock_now_ms() * 65536U + (uint64_t)getpid();
    (void)snprintf(name, FOLDER_NAME_BYTES, "%016llx-%016llx", (unsigned long long)at_us,
                   (unsigned long long)other);
}

static int
take_quota(struct spool *s, int64_t bytes, struct error *e)
{
    struct quota q;
    struct error other;
    int rc;

    if (quota_lock(&q, s->settings.dir, e) != 0)
        return -1;
    rc = quota_take(&q, bytes, s->settings.max_files, s->settings.max_bytes, e);
    return quota_unlock(&q, rc == 0 ? e : &other) != 0 ? -1 : rc;
}

static void
give_quota(struct spool *s, int64_t bytes)
{
    struct quota q;
    struct error ignored; /* the count is then too high, until the next recount */

    if (quota_lock(&q, s->settings.dir, &ignored) != 0)
        return;
    quota_give(&q, bytes);
    (void)!quota_unlock(&q, &ignored);
}

/* A count that dead processes left too high is corrected before it refuses a file.
 * in_tmp: the file is in tmp/ and counted there, though it has no room yet. */
static int
take_room(struct spool *s, int64_t bytes, bool in_tmp, struct error *e)
{
    struct error ignored;

    if (take_quota(s, bytes, e) == 0)
        return 0;
    if (e->kind != ERROR_UNAVAILABLE || clock_now_ms() - s->counted_ms < FULL_COUNT_MS ||
        spool_sweep(s, NULL, &ignored) != 0)
        return -1;
    if (in_tmp)
        give_quota(s, bytes);
    return take_quota(s, bytes, e);
}

/* After this call the bytes are on disk, or the file is gone. */
static int
flush_and_move(struct spool *s, int fd, const char *name, struct error *e)
{
    CRASH_POINT("spool-written");
    if (fsync(fd) != 0)
        return error_errno(e, "spool: fsync");
    CRASH_POINT("spool-flushed");
    if (renameat(s->tmp, name, s->fresh, name) != 0)
        return error_errno(e, "spool: rename");
    CRASH_POINT("spool-renamed");
    if (fsync(s->fresh) == 0)
        return 0;
    error_errno(e, "spool: fsync of new");
    (void)unlinkat(s->fresh, name, 0);
    return -1;
}

/* The lock on the file shows that its writer is alive. */
static int
write_file(struct spool *s, int fd, const char *name, const char *head, struct str frames,
           struct error *e)
{
    int64_t bytes = (int64_t)(SPOOL_HEAD_BYTES + frames.n);

    if (io_lock(fd) != 0 || io_write_all(fd, head, SPOOL_HEAD_BYTES, INT64_MAX) != 0 ||
        io_write_all(fd, frames.p, frames.n, INT64_MAX) != 0)
        return error_errno(e, "spool: write");
    if (take_room(s, bytes, true, e) != 0)
        return -1;
    if (flush_and_move(s, fd, name, e) == 0)
        return 0;
    give_quota(s, bytes);
    return -1;
}

static int
put_once(struct spool *s, const char *head, struct str frames, int64_t now_us,
         struct error *e)
{
    char name[FOLDER_NAME_BYTES];
    int fd, rc;

    if (spool_prepare(s, e) != 0)
        return -1;
    make_name(name, now_us);
    fd = openat(s->tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(e, "spool: tmp");
    rc = write_file(s, fd, name, head, frames, e);
    if (rc != 0)
        (void)unlinkat(s->tmp, name, 0);
    if (close(fd) != 0 && rc == 0) {
        rc = error_errno(e, "spool: close");
        (void)unlinkat(s->fresh, name, 0);
    }
    CRASH_POINT("spool-kept");
    return rc;
}

int
spool_put(struct spool *s, struct str frames, uint32_t events, int64_t now_us,
          struct error *e)
{
    char head[SPOOL_HEAD_BYTES];

    make_head(head, frames, events, now_us);
    if (put_once(s, head, frames, now_us, e) == 0)
        return 0;
    if (e->kind == ERROR_SYSTEM) {
        e->kind = ERROR_UNAVAILABLE;
        e->retry_after_s = RETRY_S;
        close_folders(s); /* the directory may have been created again */
    }
    return -1;
}

int
spool_list(struct spool *s, enum spool_part part, struct folder_list *out,
           struct error *e)
{
    if (spool_prepare(s, e) != 0)
        return -1;
    return folder_list(folder_of(s, part), out, e);
}

static int
damaged(struct error *e, const char *how)
{
    return error_set(e, ERROR_MALFORMED, "damaged: %s", how);
}

/* Every byte of the file is covered: the header by its checks, all of it by the
 * checksum. */
static int
check(struct str bytes, struct spool_file *file, struct error *e)
{
    struct str *frames = &file->frames;
    uint8_t sum[16];

    if (bytes.n < SPOOL_HEAD_BYTES || memcmp(bytes.p, magic, sizeof magic) != 0)
        return damaged(e, "it does not begin as a spool file does");
    if (num_be32(bytes.p + 8) != SPOOL_VERSION)
        return error_set(e, ERROR_MALFORMED, "unknown version %u",
                         (unsigned)num_be32(bytes.p + 8));
    *frames = (struct str){bytes.p + SPOOL_HEAD_BYTES, bytes.n - SPOOL_HEAD_BYTES};
    if (num_be64(bytes.p + LENGTH_AT) != frames->n)
        return damaged(e, num_be64(bytes.p + LENGTH_AT) > frames->n ? "it is truncated"
                                                                    : "it is too long");
    put_checksum(sum, bytes.p, *frames);
    if (memcmp(sum, bytes.p + SUMMED_BYTES, sizeof sum) != 0)
        return damaged(e, "its checksum is wrong");
    file->events = num_be32(bytes.p + 12);
    file->at_us = (int64_t)num_be64(bytes.p + 16);
    return 0;
}

/* A name comes from a directory or from an administrator: only names of spool files are
 * accepted. */
static int
copy_name(char out[FOLDER_NAME_BYTES], const char *name, struct error *e)
{
    if (!folder_is_name(name))
        return error_set(e, ERROR_NOT_FOUND, "no such spool file");
    (void)snprintf(out, FOLDER_NAME_BYTES, "%s", name);
    return 0;
}

int
spool_read(struct spool *s, enum spool_part part, const char *name, struct buf *out,
           struct spool_file *file, struct error *e)
{
    if (copy_name(file->name, name, e) != 0 || spool_prepare(s, e) != 0 ||
        folder_read(folder_of(s, part), name, out, e) != 0)
        return -1;
    return check(buf_str(out), file, e);
}

int
spool_remove(struct spool *s, const char *name, struct error *e)
{
    int64_t bytes;

    if (spool_prepare(s, e) != 0 || folder_size(s->fresh, name, &bytes, e) != 0)
        return -1;
    if (unlinkat(s->fresh, name, 0) != 0)
        return error_errno(e, "spool: unlink");
    give_quota(s, bytes);
    return 0;
}

int
spool_set_aside(struct spool *s, const char *name, struct error *e)
{
    int64_t bytes;

    if (spool_prepare(s, e) != 0 || folder_size(s->fresh, name, &bytes, e) != 0)
        return -1;
    if (renameat(s->fresh, name, s->bad, name) != 0 || fsync(s->bad) != 0 ||
        fsync(s->fresh) != 0)
        return error_errno(e, "spool: bad");
    give_quota(s, bytes);
    return 0;
}

int
spool_retry(struct spool *s, const char *name, struct error *e)
{
    char copy[FOLDER_NAME_BYTES];
    int64_t bytes;

    if (copy_name(copy, name, e) != 0 || spool_prepare(s, e) != 0 ||
        folder_size(s->bad, copy, &bytes, e) != 0 || take_room(s, bytes, false, e) != 0)
        return -1;
    if (renameat(s->bad, copy, s->fresh, copy) == 0 && fsync(s->fresh) == 0 &&
        fsync(s->bad) == 0)
        return 0;
    error_errno(e, "spool: new");
    give_quota(s, bytes);
    return -1;
}

int
spool_sweep(struct spool *s, int64_t *left, struct error *e)
{
    struct quota q;
    int rc;

    if (spool_prepare(s, e) != 0)
        return -1;
    s->counted_ms = clock_now_ms();
    if (folder_sweep(s->tmp, e) != 0 || quota_lock(&q, s->settings.dir, e) != 0)
        return -1;
    q.usage = (struct quota_usage){0, 0};
    rc = folder_count(s->tmp, &q.usage, e);
    if (left != NULL)
        *left = q.usage.files;
    if (rc == 0)
        rc = folder_count(s->fresh, &q.usage, e);
    if (rc != 0)
        q.usage = q.before;
    return quota_unlock(&q, e) != 0 ? -1 : rc;
}

int
spool_usage(struct spool *s, struct quota_usage *out, struct error *e)
{
    struct quota q;

    if (spool_prepare(s, e) != 0 || quota_lock(&q, s->settings.dir, e) != 0)
        return -1;
    *out = q.usage;
    return quota_unlock(&q, e);
}

bool
spool_has_room(struct spool *s)
{
    struct quota_usage usage;
    struct error ignored;

    return spool_usage(s, &usage, &ignored) == 0 && usage.files < s->settings.max_files &&
           usage.bytes < s->settings.max_bytes - (int64_t)SPOOL_HEAD_BYTES;
}

/* Sets *seen to the folder's last change; returns whether it is new. */
static bool
has_changed(int folder, struct timespec *seen)
{
    struct stat st;

    if (fstat(folder, &st) != 0 ||
        (st.st_mtim.tv_sec == seen->tv_sec && st.st_mtim.tv_nsec == seen->tv_nsec))
        return false;
    *seen = st.st_mtim;
    return true;
}

bool
spool_changed(struct spool *s)
{
    struct error ignored;
    bool changed;

    if (spool_prepare(s, &ignored) != 0)
        return false;
    changed = has_changed(s->fresh, &s->new_changed);
    return has_changed(s->tmp, &s->tmp_changed) || changed;
}
