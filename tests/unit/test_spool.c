#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "spool/spool.h"
#include "unit.h"

#define AT_US 1777629600123456LL

static struct spool *
open_spool(int64_t max_files, int64_t max_bytes)
{
    struct spool_settings settings = {unit_dir(), max_files, max_bytes};
    struct spool *s = spool_new(&settings);

    UNIT(s != NULL && spool_is_configured(s));
    return s;
}

static size_t
count(struct spool *s, enum spool_part part)
{
    struct folder_list list;
    struct error e;
    size_t n;

    UNIT_EQ(spool_list(s, part, &list, &e), 0);
    n = list.count;
    folder_list_free(&list);
    return n;
}

static void
name_of_first(struct spool *s, enum spool_part part, char name[FOLDER_NAME_BYTES])
{
    struct folder_list list;
    struct error e;

    name[0] = '\0';
    UNIT(spool_list(s, part, &list, &e) == 0 && list.count > 0);
    if (list.count > 0)
        (void)snprintf(name, FOLDER_NAME_BYTES, "%s", list.names[0]);
    folder_list_free(&list);
}

static void
path_of(char path[PATH_MAX], const char *folder, const char *name)
{
    (void)snprintf(path, PATH_MAX, "%s/%s/%s", unit_dir(), folder, name);
}

static void
what_is_put_is_read_back(void)
{
    struct spool *s = open_spool(10, 10000);
    struct buf b = buf_init(10000);
    char name[FOLDER_NAME_BYTES], path[PATH_MAX];
    struct spool_file file;
    struct stat st = {0};
    struct error e;

    UNIT_EQ(spool_put(s, STR("fra\0mes"), 3, AT_US, &e), 0);
    name_of_first(s, SPOOL_NEW, name);
    UNIT_EQ(spool_read(s, SPOOL_NEW, name, &b, &file, &e), 0);
    UNIT(str_eq(file.frames, STR("fra\0mes")) && file.events == 3 && file.at_us == AT_US);
    UNIT_STR(str_of(file.name), name);
    path_of(path, "new", name);
    UNIT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    UNIT(spool_remove(s, name, &e) == 0 && count(s, SPOOL_NEW) == 0);
    UNIT(spool_remove(s, name, &e) == -1 && e.kind == ERROR_NOT_FOUND);
    UNIT(spool_read(s, SPOOL_NEW, name, &b, &file, &e) == -1 &&
         e.kind == ERROR_NOT_FOUND);
    buf_release(&b);
    spool_free(s);
}

static void
names_sort_by_age(void)
{
    struct spool *s = open_spool(10, 10000);
    struct folder_list list;
    struct error e;

    for (int64_t i = 0; i < 5; i++)
        UNIT_EQ(spool_put(s, STR("x"), 1, AT_US + (i * 3) % 5, &e), 0);
    UNIT(spool_list(s, SPOOL_NEW, &list, &e) == 0 && list.count == 5);
    for (size_t i = 0; i < list.count; i++)
        UNIT_EQ(strtoll(list.names[i], NULL, 16), AT_US + (int64_t)i);
    folder_list_free(&list);
    spool_free(s);
}

/* Every byte is flipped, and the file cut at every length. */
static void
damage_is_noticed_wherever_it_is(void)
{
    struct spool *s = open_spool(10, 10000);
    struct buf whole = buf_init(1000), b = buf_init(1000);
    char name[FOLDER_NAME_BYTES], path[PATH_MAX];
    struct spool_file file;
    struct error e;

    UNIT_EQ(spool_put(s, STR("some frames"), 1, AT_US, &e), 0);
    name_of_first(s, SPOOL_NEW, name);
    path_of(path, "new", name);
    UNIT(io_read_file(path, &whole, &e) == 0 && whole.n == SPOOL_HEAD_BYTES + 11);
    for (size_t i = 0; i < 2 * whole.n; i++) {
        int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        size_t n = i < whole.n ? i : whole.n;

        if (i >= whole.n)
            whole.data[i - whole.n] ^= 0x20;
        UNIT(io_write_all(fd, whole.data, n, INT64_MAX) == 0 && close(fd) == 0);
        if (i >= whole.n)
            whole.data[i - whole.n] ^= 0x20;
        UNIT(spool_read(s, SPOOL_NEW, name, &b, &file, &e) == -1 &&
             e.kind == ERROR_MALFORMED);
    }
    buf_release(&whole);
    buf_release(&b);
    spool_free(s);
}

static void
a_later_version_is_no_damage(void)
{
    struct spool *s = open_spool(10, 10000);
    struct buf b = buf_init(1000);
    char name[FOLDER_NAME_BYTES], path[PATH_MAX];
    struct spool_file file;
    struct error e;
    int fd;

    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    name_of_first(s, SPOOL_NEW, name);
    path_of(path, "new", name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    UNIT(pwrite(fd, "\2", 1, 11) == 1 && close(fd) == 0);
    UNIT_EQ(spool_read(s, SPOOL_NEW, name, &b, &file, &e), -1);
    UNIT_STR(str_of(e.text), "unknown version 2");
    buf_release(&b);
    spool_free(s);
}

static void
limits_hold_exactly(void)
{
    struct spool *s = open_spool(2, 1000);
    struct quota_usage usage;
    char name[FOLDER_NAME_BYTES];
    struct error e;

    UNIT(spool_has_room(s));
    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    UNIT(!spool_has_room(s));
    UNIT(spool_put(s, STR("x"), 1, AT_US, &e) == -1 && e.kind == ERROR_UNAVAILABLE);
    UNIT(unit_is(str_of(e.text), "spool full: limit is 2 files") && e.retry_after_s > 0);
    UNIT_EQ(count(s, SPOOL_NEW), 2);
    UNIT(spool_usage(s, &usage, &e) == 0 && usage.files == 2);
    UNIT_EQ(usage.bytes, 2 * ((int64_t)SPOOL_HEAD_BYTES + 1));
    name_of_first(s, SPOOL_NEW, name);
    UNIT_EQ(spool_remove(s, name, &e), 0);
    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    spool_free(s);
}

static void
bytes_are_limited_head_included(void)
{
    struct spool *s = open_spool(10, SPOOL_HEAD_BYTES + 10);
    char name[FOLDER_NAME_BYTES];
    struct error e;

    UNIT_EQ(spool_put(s, STR("12345678901"), 1, AT_US, &e), -1);
    UNIT(e.kind == ERROR_UNAVAILABLE && count(s, SPOOL_NEW) == 0);
    UNIT_EQ(spool_put(s, STR("1234567890"), 1, AT_US, &e), 0);
    UNIT_EQ(spool_put(s, STR(""), 1, AT_US, &e), -1);
    name_of_first(s, SPOOL_NEW, name);
    UNIT_EQ(spool_remove(s, name, &e), 0);
    UNIT_EQ(spool_put(s, STR("123456789"), 1, AT_US, &e), 0);
    spool_free(s);
}

static void
a_wrong_count_is_made_again(void)
{
    struct spool *s = open_spool(1, 1000);
    struct quota q;
    struct error e;

    UNIT_EQ(spool_prepare(s, &e), 0);
    UNIT_EQ(quota_lock(&q, unit_dir(), &e), 0); /* as a process that died leaves it */
    q.usage = (struct quota_usage){1, 60};
    UNIT(quota_unlock(&q, &e) == 0 && !spool_has_room(s));
    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), -1);
    spool_free(s);
}

static void
aside_and_back(void)
{
    struct spool *s = open_spool(1, 1000);
    char name[FOLDER_NAME_BYTES];
    struct error e;

    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    name_of_first(s, SPOOL_NEW, name);
    UNIT_EQ(spool_set_aside(s, name, &e), 0);
    UNIT(count(s, SPOOL_NEW) == 0 && count(s, SPOOL_BAD) == 1);
    UNIT(spool_set_aside(s, name, &e) == -1 && e.kind == ERROR_NOT_FOUND);
    UNIT(spool_retry(s, "../../etc/passwd", &e) == -1 && e.kind == ERROR_NOT_FOUND);
    UNIT(spool_retry(s, "0000000000000000-0000000000000000", &e) == -1 &&
         e.kind == ERROR_NOT_FOUND);
    UNIT_EQ(spool_retry(s, name, &e), 0);
    UNIT(count(s, SPOOL_NEW) == 1 && count(s, SPOOL_BAD) == 0 && !spool_has_room(s));
    spool_free(s);
}

/* Made as a process leaves it that dies while it writes; old: long ago. */
static void
leave_behind(const char *name, bool old, int *fd)
{
    struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    char path[PATH_MAX];

    path_of(path, "tmp", name);
    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    UNIT(*fd >= 0 && write(*fd, "x", 1) == 1);
    if (old)
        UNIT_EQ(futimens(*fd, long_ago), 0);
}

static void
what_dead_processes_left_is_swept_and_no_more(void)
{
    struct spool *s = open_spool(10, 1000);
    struct quota_usage usage;
    struct stat st;
    char path[PATH_MAX];
    int dead, alive, fresh;
    int64_t left = 0;
    struct error e;

    UNIT_EQ(spool_prepare(s, &e), 0);
    leave_behind("0000000000000001-0000000000000000", true, &dead);
    leave_behind("0000000000000002-0000000000000000", true, &alive);
    leave_behind("0000000000000003-0000000000000000", false, &fresh);
    UNIT(close(dead) == 0 && flock(alive, LOCK_EX) == 0 && close(fresh) == 0);
    UNIT(spool_sweep(s, &left, &e) == 0 && left == 2);
    path_of(path, "tmp", "0000000000000001-0000000000000000");
    UNIT(stat(path, &st) != 0);
    path_of(path, "tmp", "0000000000000002-0000000000000000");
    UNIT_EQ(stat(path, &st), 0);
    path_of(path, "tmp", "0000000000000003-0000000000000000");
    UNIT_EQ(stat(path, &st), 0);
    UNIT(spool_usage(s, &usage, &e) == 0 && usage.files == 2 && usage.bytes == 2);
    UNIT_EQ(close(alive), 0);
    spool_free(s);
}

static void
a_change_is_seen_once(void)
{
    struct spool *s = open_spool(10, 1000);
    struct error e;

    UNIT(spool_changed(s));
    UNIT(!spool_changed(s));
    UNIT_EQ(spool_put(s, STR("x"), 1, AT_US, &e), 0);
    UNIT(spool_changed(s));
    UNIT(!spool_changed(s));
    spool_free(s);
}

static void
without_a_directory_nothing_is_taken(void)
{
    struct spool_settings none = {"", 10, 1000}, wrong = {"/nowhere/at/all", 10, 1000};
    struct spool *s = spool_new(&none);
    struct error e;

    UNIT(!spool_is_configured(s) && !spool_has_room(s));
    UNIT(spool_put(s, STR("x"), 1, AT_US, &e) == -1 && e.kind == ERROR_UNAVAILABLE);
    spool_free(s);
    s = spool_new(&wrong);
    UNIT(spool_is_configured(s) && !spool_has_room(s));
    UNIT(spool_put(s, STR("x"), 1, AT_US, &e) == -1 && e.kind == ERROR_UNAVAILABLE);
    UNIT(e.retry_after_s > 0 && strstr(e.text, "nowhere") == NULL);
    spool_free(s);
}

static const struct unit_test tests[] = {
    {"what_is_put_is_read_back", what_is_put_is_read_back},
    {"names_sort_by_age", names_sort_by_age},
    {"damage_is_noticed_wherever_it_is", damage_is_noticed_wherever_it_is},
    {"a_later_version_is_no_damage", a_later_version_is_no_damage},
    {"limits_hold_exactly", limits_hold_exactly},
    {"bytes_are_limited_head_included", bytes_are_limited_head_included},
    {"a_wrong_count_is_made_again", a_wrong_count_is_made_again},
    {"aside_and_back", aside_and_back},
    {"what_dead_processes_left_is_swept_and_no_more",
     what_dead_processes_left_is_swept_and_no_more},
    {"a_change_is_seen_once", a_change_is_seen_once},
    {"without_a_directory_nothing_is_taken", without_a_directory_nothing_is_taken},
};

const struct unit_suite suite_spool = {"spool", tests, COUNT_OF(tests)};
