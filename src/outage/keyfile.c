#include "outage/keyfile.h"

#include <fcntl.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "outage/scrubfile.h"

#define FIRST_ENTRIES 64U
#define NAME "keys"
#define HEAD "mesher-keys 2\n"
#define HEAD_BYTES (sizeof HEAD - 1)

/* hash, project, limit, window, bytes, each followed by a blank or the newline */
#define PROJECT_DIGITS 19
#define LIMIT_DIGITS 10
#define WINDOW_DIGITS 5
#define BYTES_DIGITS 13
#define LINE_BYTES                                                                    \
    (KEYFILE_HASH_CHARS + 1 + PROJECT_DIGITS + 1 + LIMIT_DIGITS + 1 + WINDOW_DIGITS + \
     1 + BYTES_DIGITS + 1)

/* One more, for the NUL after the last line. */
#define FILE_MAX_BYTES (HEAD_BYTES + (size_t)KEYFILE_MAX * LINE_BYTES + 1)

void
keyfile_entry(struct keyfile_entry *out, const struct key *k, int64_t project,
              const struct keys_limits *limits)
{
    struct str text = key_text(k);

    *out = (struct keyfile_entry){.project = project, .limits = *limits};
    (void)SHA256Data((const uint8_t *)text.p, text.n, out->hash);
}

static int
by_hash(const void *pa, const void *pb)
{
    const struct keyfile_entry *a = pa, *b = pb;

    return strcmp(a->hash, b->hash);
}

static int
path_of(const char *dir, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/" NAME, dir);

    return n > 0 && n < PATH_MAX ? 0 : -1;
}

int
keyfile_write(const char *dir, struct keyfile_entry *entries, size_t count,
              struct error *e)
{
    struct buf b = buf_init(FILE_MAX_BYTES);
    int rc = 0;

    if (count > 0)
        qsort(entries, count, sizeof entries[0], by_hash);
    buf_add_text(&b, HEAD);
    for (size_t i = 0; i < count; i++)
        buf_add_f(&b, "%s %0*lld %0*lld %0*lld %0*lld\n", entries[i].hash, PROJECT_DIGITS,
                  (long long)entries[i].project, LIMIT_DIGITS,
                  (long long)entries[i].limits.rate_limit, WINDOW_DIGITS,
                  (long long)entries[i].limits.rate_window_s, BYTES_DIGITS,
                  (long long)entries[i].limits.byte_limit);
    if (b.failed) {
        error_set(e, ERROR_SYSTEM, "internal failure");
        rc = error_detail(e, "more than %u keys, or out of memory", KEYFILE_MAX);
    } else {
        rc = io_durable_change(dir, NAME, buf_str(&b), e);
    }
    buf_release(&b);
    return rc;
}

struct collection {
    struct keyfile_entry *entries;
    size_t count, room;
};

static int
collect(void *context, const struct key *k, int64_t project,
        const struct keys_limits *limits)
{
    struct collection *c = context;

    if (c->count == c->room) {
        size_t room = c->room == 0 ? FIRST_ENTRIES : 2 * c->room;
        void *entries = realloc(c->entries, room * sizeof c->entries[0]);

        if (entries == NULL)
            return -1;
        c->entries = entries;
        c->room = room;
    }
    keyfile_entry(&c->entries[c->count++], k, project, limits);
    return 0;
}

static int
set_time(const char *dir, int64_t at_us, struct error *e)
{
    const struct timespec at = {.tv_sec = at_us / 1000000,
                                .tv_nsec = at_us % 1000000 * 1000};
    const struct timespec times[2] = {at, at};
    char path[PATH_MAX];

    if (path_of(dir, path) != 0 || utimensat(AT_FDCWD, path, times, 0) != 0)
        return error_errno(e, dir);
    return 0;
}

int64_t
keyfile_age_ms(const char *dir)
{
    char path[PATH_MAX];

    return path_of(dir, path) != 0 ? INT64_MAX : io_file_age_ms(path);
}

int
keyfile_renew(const char *dir, struct db *d, struct error *e)
{
    struct collection c = {.entries = NULL};
    int64_t asked_us = clock_wall_us();
    int rc;

    rc = scrubfile_renew(dir, d, e);
    if (rc == 0) {
        (void)error_set(e, ERROR_SYSTEM, "out of memory"); /* if collect() reports that */
        rc = keys_all(d, KEYFILE_MAX, collect, &c, e);
    }
    if (rc == 0)
        rc = keyfile_write(dir, c.entries, c.count, e);
    if (rc == 0)
        rc = set_time(dir, asked_us, e);
    free(c.entries);
    return rc;
}

/* An open file and its number of lines. */
struct lines {
    int fd;
    int64_t count;
};

static void
damaged(struct error *e)
{
    error_set(e, ERROR_SYSTEM, "internal failure");
    error_detail(e, "the key file is damaged");
}

static int
open_lines(const char *dir, struct lines *l, struct error *e)
{
    char path[PATH_MAX], head[HEAD_BYTES];
    struct stat st;

    if (path_of(dir, path) != 0) {
        damaged(e);
        return -1;
    }
    l->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (l->fd < 0) {
        error_errno(e, path);
        return -1;
    }
    if (fstat(l->fd, &st) == 0 &&
        pread(l->fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
        memcmp(head, HEAD, sizeof head) == 0 &&
        (st.st_size - (off_t)HEAD_BYTES) % (off_t)LINE_BYTES == 0) {
        l->count = (st.st_size - (off_t)HEAD_BYTES) / (off_t)LINE_BYTES;
        return 0;
    }
    (void)close(l->fd);
    damaged(e);
    return -1;
}

static int
parse_line(const char *line, struct keyfile_entry *out)
{
    struct str rest = {line, LINE_BYTES - 1};
    struct str hash = str_cut(&rest, ' '), project = str_cut(&rest, ' ');
    struct str limit = str_cut(&rest, ' '), window = str_cut(&rest, ' ');

    if (line[LINE_BYTES - 1] != '\n' || hash.n != KEYFILE_HASH_CHARS || rest.p == NULL ||
        num_parse(project, 1, INT64_MAX, &out->project) != 0 ||
        num_parse(limit, 0, INT32_MAX, &out->limits.rate_limit) != 0 ||
        num_parse(window, 1, 86400, &out->limits.rate_window_s) != 0 ||
        num_parse(rest, 0, INT64_MAX, &out->limits.byte_limit) != 0)
        return -1;
    (void)memcpy(out->hash, hash.p, KEYFILE_HASH_CHARS);
    out->hash[KEYFILE_HASH_CHARS] = '\0';
    return 0;
}

static int
read_line(const struct lines *l, int64_t number, struct keyfile_entry *out,
          struct error *e)
{
    char line[LINE_BYTES];
    off_t at = (off_t)(HEAD_BYTES + (size_t)number * LINE_BYTES);

    if (pread(l->fd, line, sizeof line, at) != (ssize_t)sizeof line ||
        parse_line(line, out) != 0) {
        damaged(e);
        return -1;
    }
    return 0;
}

static int
not_found(struct error *e)
{
    return error_set(e, ERROR_NOT_FOUND, "unknown key");
}

int
keyfile_find(const char *dir, const struct key *k, struct keyfile_entry *out,
             struct error *e)
{
    const struct keys_limits none = {0, 1, 0};
    struct keyfile_entry wanted;
    struct lines l;
    int64_t low = 0, high;
    int rc;

    if (open_lines(dir, &l, e) != 0)
        return -1;
    keyfile_entry(&wanted, k, 1, &none);
    high = l.count;
    rc = not_found(e);
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int order;

        rc = read_line(&l, middle, out, e);
        if (rc != 0)
            break;
        order = strcmp(wanted.hash, out->hash);
        if (order == 0)
            break;
        rc = not_found(e);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    (void)close(l.fd);
    return rc;
}

int
keyfile_find_project(const char *dir, int64_t project, struct keyfile_entry *out,
                     struct error *e)
{
    struct lines l;
    int rc;

    if (open_lines(dir, &l, e) != 0)
        return -1;
    rc = not_found(e);
    for (int64_t i = 0; rc != 0 && i < l.count; i++) {
        rc = read_line(&l, i, out, e);
        if (rc != 0)
            break;
        if (out->project != project)
            rc = not_found(e);
    }
    (void)close(l.fd);
    return rc;
}
