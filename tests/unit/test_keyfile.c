#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outage/keyfile.h"
#include "unit.h"

/* sha256sum(1) of it. */
#define SUM_OF_KEY_0 "e56699637cb5bcd5b4b4f2913963ebace398c3cc1f5296ee945152be19dac051"

static struct key
key_of(int n)
{
    char text[40];
    struct key k;

    (void)snprintf(text, sizeof text, "mshr_key_number_%d", n);
    UNIT_EQ(key_parse(str_of(text), &k), 0);
    return k;
}

static void
write_keys(int count)
{
    struct keyfile_entry *entries =
        calloc(count == 0 ? 1 : (size_t)count, sizeof *entries);
    struct error e;

    for (int i = 0; i < count; i++) {
        struct key k = key_of(i);

        const struct keys_limits limits = {i * 2147483647LL / (count + 1), 1 + i,
                                           i * 1099511627776 / (count + 1)};

        keyfile_entry(&entries[i], &k, i + 1, &limits);
    }
    UNIT_EQ(keyfile_write(unit_dir(), entries, (size_t)count, &e), 0);
    free(entries);
}

static void
each_key_is_found_and_no_other(void)
{
    static const int counts[] = {0, 1, 2, 3, 8, 100};

    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct keyfile_entry found;
        struct key other = key_of(1000);
        struct error e;

        write_keys(counts[c]);
        for (int i = 0; i < counts[c]; i++) {
            struct key k = key_of(i);

            UNIT_EQ(keyfile_find(unit_dir(), &k, &found, &e), 0);
            UNIT(found.project == i + 1 && found.limits.rate_window_s == 1 + i);
            UNIT_EQ(found.limits.rate_limit, i * 2147483647LL / (counts[c] + 1));
            UNIT_EQ(found.limits.byte_limit, i * 1099511627776 / (counts[c] + 1));
        }
        UNIT_EQ(keyfile_find(unit_dir(), &other, &found, &e), -1);
        UNIT_EQ(e.kind, ERROR_NOT_FOUND);
    }
}

static void
a_project_is_found_by_its_number(void)
{
    struct keyfile_entry found;
    struct error e;

    write_keys(20);
    for (int i = 0; i < 20; i++)
        UNIT(keyfile_find_project(unit_dir(), i + 1, &found, &e) == 0 &&
             found.project == i + 1 && found.limits.rate_window_s == 1 + i);
    UNIT(keyfile_find_project(unit_dir(), 21, &found, &e) == -1 &&
         e.kind == ERROR_NOT_FOUND);
}

static void
the_file_is_private_and_holds_no_key(void)
{
    struct key k = key_of(0);
    char path[PATH_MAX], text[1000] = {0};
    struct stat st = {0};
    FILE *f;

    write_keys(1);
    (void)snprintf(path, sizeof path, "%s/keys", unit_dir());
    UNIT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    f = fopen(path, "re");
    UNIT(f != NULL);
    if (f == NULL)
        return;
    UNIT(fread(text, 1, sizeof text - 1, f) > 0);
    (void)fclose(f);
    UNIT(strstr(text, "key_number") == NULL && strstr(text, k.text) == NULL);
    UNIT(strncmp(text + 14, SUM_OF_KEY_0, 64) == 0);
}

static void
the_same_keys_are_not_written_again(void)
{
    char path[PATH_MAX];
    struct stat before = {0}, after = {0};

    write_keys(3);
    (void)snprintf(path, sizeof path, "%s/keys", unit_dir());
    UNIT_EQ(stat(path, &before), 0);
    write_keys(3);
    UNIT(stat(path, &after) == 0 && before.st_ino == after.st_ino);
    write_keys(4);
    UNIT(stat(path, &after) == 0 && before.st_ino != after.st_ino);
}

static void
a_damaged_file_knows_nobody(void)
{
    struct key k = key_of(0);
    struct keyfile_entry found;
    char path[PATH_MAX];
    struct error e;
    int fd;

    UNIT(keyfile_find(unit_dir(), &k, &found, &e) == -1 && e.kind == ERROR_SYSTEM);
    write_keys(1);
    (void)snprintf(path, sizeof path, "%s/keys", unit_dir());
    fd = open(path, O_WRONLY | O_CLOEXEC);
    UNIT_EQ(pwrite(fd, "x", 1, 14 + 66), 1); /* in the project */
    UNIT(keyfile_find(unit_dir(), &k, &found, &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT(keyfile_find_project(unit_dir(), 1, &found, &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT(ftruncate(fd, 14 + 50) == 0 && close(fd) == 0);
    UNIT(keyfile_find(unit_dir(), &k, &found, &e) == -1 && e.kind == ERROR_SYSTEM);
}

static void
so_many_keys_and_no_more(void)
{
    struct keyfile_entry *entries = calloc(KEYFILE_MAX + 1, sizeof *entries), found;
    struct error e;

    for (size_t i = 0; i <= KEYFILE_MAX; i++) {
        entries[i] =
            (struct keyfile_entry){.project = (int64_t)i + 1, .limits = {1, 1, 1}};
        (void)snprintf(entries[i].hash, sizeof entries[i].hash, "%064zx", i);
    }
    UNIT(keyfile_write(unit_dir(), entries, KEYFILE_MAX + 1, &e) == -1 &&
         e.kind == ERROR_SYSTEM);
    UNIT_EQ(keyfile_write(unit_dir(), entries, KEYFILE_MAX, &e), 0);
    UNIT_EQ(keyfile_find_project(unit_dir(), KEYFILE_MAX, &found, &e), 0);
    UNIT_EQ(keyfile_find_project(unit_dir(), KEYFILE_MAX + 1, &found, &e), -1);
    free(entries);
}

static const struct unit_test tests[] = {
    {"each_key_is_found_and_no_other", each_key_is_found_and_no_other},
    {"a_project_is_found_by_its_number", a_project_is_found_by_its_number},
    {"the_file_is_private_and_holds_no_key", the_file_is_private_and_holds_no_key},
    {"the_same_keys_are_not_written_again", the_same_keys_are_not_written_again},
    {"a_damaged_file_knows_nobody", a_damaged_file_knows_nobody},
    {"so_many_keys_and_no_more", so_many_keys_and_no_more},
};

const struct unit_suite suite_keyfile = {"keyfile", tests, COUNT_OF(tests)};
