#include "spool/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#define NAME_CHARS 33U
#define FIRST_NAMES 64U

/* Creates a directory and flushes its parent, so that it survives a power failure. */
static int
make_folder(const char *path, const char *above)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? 0 : -1;
    return io_flush_folder(above);
}

static int
make_both(const char *dir, const char *path)
{
    const char *slash = strrchr(dir, '/');
    char *above = slash == NULL ? strdup(".") : strndup(dir, (size_t)(slash - dir) + 1);
    int rc = above == NULL ? -1 : make_folder(dir, above);

    free(above);
    return rc == 0 ? make_folder(path, dir) : -1;
}

int
folder_open(const char *dir, const char *name, int *fd, struct error *e)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);

    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return error_errno(e, dir);
    }
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT && make_both(dir, path) == 0)
        *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? error_errno(e, path) : 0;
}

void
folder_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

bool
folder_is_name(const char *name)
{
    return strlen(name) == NAME_CHARS && strspn(name, "0123456789abcdef-") == NAME_CHARS;
}

/* Calls take for each spool file, until it returns -1. */
static int
for_each(int fd, int (*take)(void *context, int fd, const char *name), void *context,
         struct error *e)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;

    if (dir == NULL) {
        error_errno(e, "spool");
        if (again >= 0)
            (void)close(again);
        return -1;
    }
    while (rc == 0 && (entry = readdir(dir)) != NULL)
        if (folder_is_name(entry->d_name))
            rc = take(context, fd, entry->d_name);
    if (rc != 0)
        error_errno(e, "spool");
    (void)closedir(dir);
    return rc;
}

struct listing {
    struct folder_list *list;
    size_t room;
};

static int
add_name(void *context, int fd, const char *name)
{
    struct listing *l = context;

    (void)fd;
    if (l->list->count == l->room) {
        size_t room = l->room == 0 ? FIRST_NAMES : l->room * 2;
        void *names = realloc(l->list->names, room * sizeof l->list->names[0]);

        if (names == NULL)
            return -1;
        l->list->names = names;
        l->room = room;
    }
    (void)memcpy(l->list->names[l->list->count++], name, NAME_CHARS + 1);
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int
folder_list(int fd, struct folder_list *out, struct error *e)
{
    struct listing l = {.list = out};

    *out = (struct folder_list){0};
    if (for_each(fd, add_name, &l, e) != 0) {
        folder_list_free(out);
        return -1;
    }
    if (out->count > 0)
        qsort(out->names, out->count, sizeof out->names[0], by_name);
    return 0;
}

void
folder_list_free(struct folder_list *l)
{
    free(l->names);
    *l = (struct folder_list){0};
}

static int
not_there(struct error *e)
{
    if (errno == ENOENT)
        return error_set(e, ERROR_NOT_FOUND, "no such spool file");
    return error_errno(e, "spool");
}

int
folder_read(int fd, const char *name, struct buf *out, struct error *e)
{
    int file = openat(fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;
    ssize_t got = 0;
    struct stat st;
    char *at = NULL;

    if (file < 0)
        return not_there(e);
    buf_clear(out, SIZE_MAX);
    if (fstat(file, &st) != 0 || st.st_size < 0)
        rc = error_errno(e, "spool");
    else if ((at = buf_reserve(out, (size_t)st.st_size)) == NULL && st.st_size > 0)
        rc = error_set(e, ERROR_MALFORMED, "damaged: %lld bytes exceed the maximum",
                       (long long)st.st_size);
    for (size_t left = rc == 0 ? (size_t)st.st_size : 0; left > 0 && rc == 0;
         left -= (size_t)got) {
        got = io_read(file, at + out->n, left);
        if (got <= 0) { /* 0: truncated by somebody just now */
            rc = error_errno(e, "spool");
            break;
        }
        out->n += (size_t)got;
    }
    (void)close(file);
    return rc;
}

int
folder_size(int fd, const char *name, int64_t *bytes, struct error *e)
{
    struct stat st;

    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return not_there(e);
    *bytes = st.st_size;
    return 0;
}

static int
add_size(void *context, int fd, const char *name)
{
    struct quota_usage *usage = context;
    struct stat st;

    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : -1;
    usage->files++;
    usage->bytes += st.st_size;
    return 0;
}

int
folder_count(int fd, struct quota_usage *usage, struct error *e)
{
    return for_each(fd, add_size, usage, e);
}

static int
sweep_one(void *context, int fd, const char *name)
{
    int64_t now_s = clock_wall_us() / 1000000;
    int file = openat(fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    (void)context;
    if (file < 0)
        return errno == ENOENT ? 0 : -1;
    if (fstat(file, &st) == 0 && st.st_mtim.tv_sec + FOLDER_SWEEP_AFTER_S < now_s &&
        flock(file, LOCK_EX | LOCK_NB) == 0)
        (void)unlinkat(fd, name, 0);
    (void)close(file);
    return 0;
}

int
folder_sweep(int fd, struct error *e)
{
    return for_each(fd, sweep_one, NULL, e);
}
