#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "setup/inherited.h"
#include "unit.h"

static const char *fds;
static bool for_somebody_else;

static const char *
environment(const char *name)
{
    static char pid[32];

    if (strcmp(name, "LISTEN_FDS") == 0)
        return fds;
    if (strcmp(name, "LISTEN_PID") != 0 || fds == NULL)
        return NULL;
    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid() + (for_somebody_else ? 1 : 0));
    return pid;
}

/* Descriptor 3 is the test runner's: everything happens in a process of its own, which
 * has `fd` there (-1: nothing).  What it finds: 0 none, 1 the socket, 2 a mistake. */
static int
find(int fd)
{
    pid_t child = fork();
    int status = 0, found;
    struct error e;

    if (child == 0) {
        if (fd != 3)
            (void)close(3);
        if (fd >= 0 && dup2(fd, 3) != 3)
            _exit(99);
        if (inherited_socket(environment, &found, &e) != 0)
            _exit(e.kind == ERROR_CONFIG ? 2 : 98);
        if (found < 0)
            _exit(0);
        _exit(found == 3 && (fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 &&
                      (fcntl(3, F_GETFL) & O_NONBLOCK) != 0
                  ? 1
                  : 97);
    }
    UNIT(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
a_socket_is_taken_when_it_is_meant_for_us(void)
{
    char path[300];
    struct error e;
    int fd;

    (void)snprintf(path, sizeof path, "%s/s", unit_dir());
    fd = io_unix_listen(path, 0600, 5, &e);
    UNIT(fd >= 0);
    fds = NULL;
    UNIT_EQ(find(fd), 0);
    fds = "1";
    UNIT_EQ(find(fd), 1);
    for_somebody_else = true;
    UNIT_EQ(find(fd), 0);
    for_somebody_else = false;
    fds = "0";
    UNIT_EQ(find(fd), 2);
    fds = "2";
    UNIT_EQ(find(fd), 2);
    fds = "one";
    UNIT_EQ(find(fd), 2);
    (void)close(fd);
}

static void
what_is_no_listening_socket_is_a_mistake(void)
{
    int pair[2];

    fds = "1";
    UNIT_EQ(find(-1), 2);
    UNIT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    UNIT_EQ(find(pair[0]), 2);
    (void)close(pair[0]);
    (void)close(pair[1]);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    UNIT(listen(pair[0], 1) == 0 && find(pair[0]) == 2);
    (void)close(pair[0]);
}

static const struct unit_test tests[] = {
    {"a_socket_is_taken_when_it_is_meant_for_us",
     a_socket_is_taken_when_it_is_meant_for_us},
    {"what_is_no_listening_socket_is_a_mistake",
     what_is_no_listening_socket_is_a_mistake},
};

const struct unit_suite suite_inherited = {"inherited", tests, COUNT_OF(tests)};
