#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "super/process.h"
#include "super/spawn.h"
#include "unit.h"

static char log_path[300];

/* Runs a shell command as a child; its exit status, and its output in out. */
static int
run_child(struct spawn *s, const char *command, struct buf *out)
{
    char text[400];
    char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, text, NULL};
    struct error e;
    pid_t pid;
    int status = 0;

    (void)snprintf(text, sizeof text, "%s", command);
    (void)snprintf(log_path, sizeof log_path, "%s/log", unit_dir());
    (void)unlink(log_path);
    s->command = argv;
    s->log_file = log_path;
    pid = spawn_run(s, &e);
    s->command = NULL;
    UNIT(pid > 0 && waitpid(pid, &status, 0) == pid);
    *out = buf_init(10000);
    UNIT_EQ(io_read_file(log_path, out, &e), 0);
    buf_add_char(out, '\0');
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static struct spawn
plain(void)
{
    return (struct spawn){
        .listen_fd = -1, .ready_fd = -1, .ready_as = -1, .death_signal = SIGTERM};
}

static void
a_child_has_its_own_group_and_only_its_descriptors(void)
{
    struct spawn s = plain();
    struct buf out;
    char expected[100];
    int inherited = dup(STDIN_FILENO); /* stays open over exec, if nobody sees to it */

    UNIT(inherited >= 0);
    UNIT_EQ(run_child(&s,
                      "cut -d ' ' -f 1,5 /proc/self/stat; ls -x /proc/self/fd; "
                      "readlink /proc/self/fd/0",
                      &out),
            0);
    UNIT(strstr(out.data, "0  1  2  3\n/dev/null\n") != NULL); /* 3 is ls's own */
    buf_release(&out);
    UNIT_EQ(run_child(&s, "echo $$ $(cut -d ' ' -f 5 /proc/$$/stat)", &out), 0);
    {
        long pid = strtol(out.data, NULL, 10);

        (void)snprintf(expected, sizeof expected, "%ld %ld\n", pid, pid);
    }
    UNIT_STR(str_of(out.data), expected);
    buf_release(&out);
    (void)close(inherited);
}

static void
a_socket_comes_as_0_or_by_listen_fds(void)
{
    struct spawn s = plain();
    struct buf out;
    char path[300];
    struct error e;

    (void)snprintf(path, sizeof path, "%s/s", unit_dir());
    s.listen_fd = io_unix_listen(path, 0600, 5, &e);
    UNIT(s.listen_fd >= 0);
    s.listen_as_stdin = true;
    UNIT_EQ(run_child(&s,
                      "readlink /proc/$$/fd/0; echo \"[$LISTEN_FDS$LISTEN_PID]\"; "
                      "test ! -e /proc/$$/fd/3",
                      &out),
            0);
    UNIT(strncmp(out.data, "socket:[", 8) == 0 && strstr(out.data, "\n[]\n") != NULL);
    buf_release(&out);
    s.listen_as_stdin = false;
    UNIT_EQ(run_child(&s,
                      "readlink /proc/$$/fd/0 /proc/$$/fd/3; "
                      "test $LISTEN_FDS = 1 && test $LISTEN_PID = $$",
                      &out),
            0);
    UNIT(strncmp(out.data, "/dev/null\nsocket:[", 18) == 0);
    buf_release(&out);
    (void)close(s.listen_fd);
}

static void
what_is_mesherd_s_alone_is_not_passed_on(void)
{
    struct spawn s = plain();
    struct buf out;

    UNIT_EQ(setenv("NOTIFY_SOCKET", "/systemd", 1), 0);
    UNIT(setenv("WATCHDOG_USEC", "1", 1) == 0 && setenv("LISTEN_FDS", "9", 1) == 0);
    UNIT_EQ(run_child(&s, "echo \"[$NOTIFY_SOCKET$WATCHDOG_USEC$LISTEN_FDS]\"", &out), 0);
    UNIT_STR(str_of(out.data), "[]\n");
    buf_release(&out);
    s.notify_socket = "@x";
    s.conf_path = "/c";
    UNIT_EQ(run_child(&s, "echo \"$NOTIFY_SOCKET $MESHER_CONF\"", &out), 0);
    UNIT_STR(str_of(out.data), "@x /c\n");
    buf_release(&out);
    UNIT(unsetenv("NOTIFY_SOCKET") == 0 && unsetenv("WATCHDOG_USEC") == 0 &&
         unsetenv("LISTEN_FDS") == 0);
}

static void
readiness_is_written_where_it_was_agreed(void)
{
    struct spawn s = plain();
    struct buf out;
    char text[10] = "";
    int fd[2];

    UNIT_EQ(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
    s.ready_fd = fd[1];
    s.ready_as = 7;
    UNIT_EQ(run_child(&s, "echo ready >&7", &out), 0);
    UNIT(io_read(fd[0], text, sizeof text) == 6 && strcmp(text, "ready\n") == 0);
    buf_release(&out);
    s.ready_as = -1;
    UNIT_EQ(run_child(&s, "test ! -e /proc/$$/fd/7", &out), 0);
    buf_release(&out);
    (void)close(fd[0]);
    (void)close(fd[1]);
}

static void
a_program_that_is_not_there_is_127_with_a_line(void)
{
    char text[10] = "";
    int fd[2];
    char *none[] = {(char[]){"/nowhere/program"}, NULL},
         *directory[] = {(char[]){"/"}, NULL};
    struct spawn s = plain();
    struct buf out = buf_init(1000);
    struct error e;
    pid_t pid;
    int status = 0;

    (void)snprintf(log_path, sizeof log_path, "%s/log", unit_dir());
    s.log_file = log_path;
    s.command = none;
    pid = spawn_run(&s, &e);
    UNIT(pid > 0 && waitpid(pid, &status, 0) == pid);
    UNIT(WIFEXITED(status) && WEXITSTATUS(status) == SPAWN_NO_PROGRAM);
    UNIT_EQ(io_read_file(log_path, &out, &e), 0);
    buf_add_char(&out, '\0');
    UNIT(strstr(out.data, "event=cannot_start detail=\"/nowhere/program: No such") !=
         NULL);
    UNIT_EQ(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
    s.command = directory;
    s.ready_fd = fd[1];
    pid = spawn_run(&s, &e);
    UNIT(pid > 0 && waitpid(pid, &status, 0) == pid);
    UNIT(WIFEXITED(status) && WEXITSTATUS(status) == SPAWN_NO_PROGRAM);
    UNIT_EQ(io_read(fd[0], text, sizeof text), 1);
    (void)close(fd[0]);
    (void)close(fd[1]);
    buf_release(&out);
}

static void
a_child_dies_with_its_parent(void)
{
    char *argv[] = {(char[]){"/bin/sleep"}, (char[]){"1000"}, NULL};
    int fd[2];
    pid_t parent, child = 0;

    UNIT_EQ(pipe2(fd, O_CLOEXEC), 0);
    parent = fork();
    if (parent == 0) {
        struct spawn s = plain();
        struct error e;

        s.command = argv;
        s.log_file = "";
        child = spawn_run(&s, &e);
        /* The child holds the pipe's end until it has begun. */
        if (io_write(fd[1], &child, sizeof child) != (ssize_t)sizeof child)
            _exit(1);
        (void)close(fd[1]);
        (void)pause();
    }
    (void)close(fd[1]);
    UNIT_EQ(io_read(fd[0], &child, sizeof child), (ssize_t)sizeof child);
    {
        char byte;

        UNIT_EQ(io_read(fd[0], &byte, 1), 0); /* it runs its program */
    }
    UNIT(kill(parent, SIGKILL) == 0 && waitpid(parent, NULL, 0) == parent);
    for (int i = 0; i < 500 && process_group_lives(child); i++)
        (void)!io_wait(-1, 0, 10);
    UNIT(!process_group_lives(child));
    (void)close(fd[0]);
}

static const struct unit_test tests[] = {
    {"a_child_has_its_own_group_and_only_its_descriptors",
     a_child_has_its_own_group_and_only_its_descriptors},
    {"a_socket_comes_as_0_or_by_listen_fds", a_socket_comes_as_0_or_by_listen_fds},
    {"what_is_mesherd_s_alone_is_not_passed_on",
     what_is_mesherd_s_alone_is_not_passed_on},
    {"readiness_is_written_where_it_was_agreed",
     readiness_is_written_where_it_was_agreed},
    {"a_program_that_is_not_there_is_127_with_a_line",
     a_program_that_is_not_there_is_127_with_a_line},
    {"a_child_dies_with_its_parent", a_child_dies_with_its_parent},
};

const struct unit_suite suite_spawn = {"spawn", tests, COUNT_OF(tests)};
