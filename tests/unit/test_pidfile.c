#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "super/pidfile.h"
#include "unit.h"

/* The number in NAME.pid; 0 when it is not there. */
static long
number_in(const char *name)
{
    struct buf b = buf_init(100);
    struct error ignored;
    char path[300];
    long n = 0;

    (void)snprintf(path, sizeof path, "%s/%s.pid", unit_dir(), name);
    if (io_read_file(path, &b, &ignored) == 0) {
        buf_add_char(&b, '\0');
        n = strtol(b.data, NULL, 10);
    }
    buf_release(&b);
    return n;
}

static void
a_locked_file_says_who_has_it(void)
{
    struct error e;
    int fd = pidfile_lock(unit_dir(), "m", &e);

    UNIT(fd >= 0 && number_in("m") == (long)getpid());
    UNIT(pidfile_lock(unit_dir(), "m", &e) == -1 && e.kind == ERROR_CONFIG);
    UNIT(strstr(e.detail, "another mesherd, process ") != NULL);
    UNIT(strstr(e.detail, unit_dir()) != NULL);
    pidfile_unlock(unit_dir(), "m", fd);
    UNIT_EQ(number_in("m"), 0);
    fd = pidfile_lock(unit_dir(), "m", &e);
    UNIT(fd >= 0);
    pidfile_unlock(unit_dir(), "m", fd);
}

static void
a_file_of_the_dead_locks_nobody_out(void)
{
    struct error e;
    const char *dir = unit_dir();
    pid_t child = fork();
    int status = 0, fd;

    if (child == 0)
        _exit(pidfile_lock(dir, "m", &e) >= 0 ? 0 : 1);
    UNIT(waitpid(child, &status, 0) == child && status == 0);
    UNIT_EQ(number_in("m"), (long)child);
    fd = pidfile_lock(unit_dir(), "m", &e);
    UNIT(fd >= 0 && number_in("m") == (long)getpid());
    pidfile_unlock(unit_dir(), "m", fd);
}

static void
files_of_children_are_written_over_and_removed(void)
{
    struct error e;

    UNIT(pidfile_write(unit_dir(), "c", 4711, &e) == 0 && number_in("c") == 4711);
    UNIT(pidfile_write(unit_dir(), "c", 12, &e) == 0 && number_in("c") == 12);
    pidfile_remove(unit_dir(), "c");
    UNIT_EQ(number_in("c"), 0);
    pidfile_remove(unit_dir(), "c");
    UNIT(pidfile_write("/nowhere", "c", 1, &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT(pidfile_lock("/nowhere", "c", &e) == -1 && e.kind == ERROR_SYSTEM);
}

static const struct unit_test tests[] = {
    {"a_locked_file_says_who_has_it", a_locked_file_says_who_has_it},
    {"a_file_of_the_dead_locks_nobody_out", a_file_of_the_dead_locks_nobody_out},
    {"files_of_children_are_written_over_and_removed",
     files_of_children_are_written_over_and_removed},
};

const struct unit_suite suite_pidfile = {"pidfile", tests, COUNT_OF(tests)};
