#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outage/scrubfile.h"
#include "unit.h"

static bool
finds(int64_t project, const char *wanted)
{
    char text[SCRUBBING_MAX_BYTES];
    struct error e;
    size_t n = 0;

    return scrubfile_find(unit_dir(), project, text, &n, &e) == 0 &&
           str_eq((struct str){text, n}, str_of(wanted));
}

static void
write_text(const char *text)
{
    char path[PATH_MAX];
    FILE *f;
    int rc;

    (void)snprintf(path, sizeof path, "%s/scrub", unit_dir());
    f = fopen(path, "w");
    UNIT(f != NULL);
    if (f == NULL)
        return;
    rc = fputs(text, f);
    UNIT(rc >= 0);
    rc = fclose(f);
    UNIT_EQ(rc, 0);
}

static void
what_was_written_is_found(void)
{
    const struct scrubbing a = {false, false, false, STR(""), STR(""), STR_NONE},
                           b = {true, true, false, STR("x,y z"), STR("safe"), STR_NONE};
    struct buf file = buf_init(LIMIT_MIB);
    char path[PATH_MAX];
    struct error e;
    struct stat st;

    scrubfile_add(&file, 0, NULL);
    UNIT_EQ(scrubfile_write(unit_dir(), &file, &e), 0);
    UNIT(finds(1, SCRUBBING_USUAL));
    scrubfile_add(&file, 1, &a);
    scrubfile_add(&file, INT64_MAX, &b);
    UNIT_EQ(scrubfile_write(unit_dir(), &file, &e), 0);
    UNIT_EQ(scrubfile_write(unit_dir(), &file, &e), 0);
    UNIT(finds(1, "off\noff\n\n"));
    UNIT(finds(INT64_MAX, "on\non\nx,y z\nsafe"));
    UNIT(finds(11, SCRUBBING_USUAL));
    (void)snprintf(path, sizeof path, "%s/scrub", unit_dir());
    UNIT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    buf_release(&file);
}

static void
a_file_that_is_none_says_nothing(void)
{
    char text[SCRUBBING_MAX_BYTES], path[PATH_MAX];
    struct error e;
    size_t n;

    (void)snprintf(path, sizeof path, "%s/scrub", unit_dir());
    (void)unlink(path);
    UNIT(scrubfile_find(unit_dir(), 1, text, &n, &e) == -1 && e.kind == ERROR_SYSTEM);
    write_text("");
    UNIT_EQ(scrubfile_find(unit_dir(), 1, text, &n, &e), -1);
    write_text("mesher-scrub 2\n1\toff\toff\t\t\n");
    UNIT_EQ(scrubfile_find(unit_dir(), 1, text, &n, &e), -1);
    write_text("mesher-scrub 1\n1\tperhaps\toff\t\t\n2\toff\toff\t\t\nx\n\n");
    UNIT_EQ(scrubfile_find(unit_dir(), 1, text, &n, &e), -1);
    UNIT(finds(2, "off\noff\n\n"));
    UNIT(finds(3, SCRUBBING_USUAL));
}

static void
what_has_no_room_is_left_out(void)
{
    const struct scrubbing w = {false, false, false, STR("name"), STR(""), STR_NONE};
    struct buf file = buf_init(60);
    struct error e;

    for (int64_t i = 1; i < 10; i++)
        scrubfile_add(&file, i, &w);
    UNIT(!file.failed && file.n <= 60);
    UNIT_EQ(scrubfile_write(unit_dir(), &file, &e), 0);
    UNIT(finds(1, "off\noff\nname\n"));
    UNIT(finds(9, SCRUBBING_USUAL));
    buf_release(&file);
}

static const struct unit_test tests[] = {
    {"what_was_written_is_found", what_was_written_is_found},
    {"a_file_that_is_none_says_nothing", a_file_that_is_none_says_nothing},
    {"what_has_no_room_is_left_out", what_has_no_room_is_left_out},
};

const struct unit_suite suite_scrubfile = {"scrubfile", tests, COUNT_OF(tests)};
