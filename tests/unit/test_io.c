#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "unit.h"

static char path[256];

static const char *
in_dir(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", unit_dir(), name);
    return path;
}

static size_t
files_in_dir(void)
{
    struct dirent **names;
    int n = scandir(unit_dir(), &names, NULL, NULL);

    for (int i = 0; i < n; i++)
        free(names[i]);
    if (n >= 0)
        free(names);
    return n < 2 ? 0 : (size_t)n - 2;
}

/* A non-blocking pipe that takes nothing more. */
static void
full_pipe(int fd[2])
{
    static const char zeros[65536];

    UNIT_EQ(pipe2(fd, O_NONBLOCK | O_CLOEXEC), 0);
    for (size_t n = sizeof zeros; n > 0; n /= 2)
        while (io_write(fd[1], zeros, n) == (ssize_t)n)
            ;
    UNIT_EQ(errno, EAGAIN);
}

static void
a_full_pipe_ends_at_the_deadline(void)
{
    int64_t began_ms = clock_now_ms();
    int fd[2];

    full_pipe(fd);
    UNIT(io_write_all(fd[1], "x", 1, began_ms + 20) == -1 && errno == ETIMEDOUT);
    UNIT(clock_now_ms() - began_ms >= 20);
    /* A deadline that has passed is not the same as none. */
    UNIT(io_write_all(fd[1], "x", 1, began_ms - 1000) == -1 && errno == ETIMEDOUT);
    (void)close(fd[0]);
    (void)close(fd[1]);
}

static void
a_socket_with_a_time_of_its_own_ends_too(void)
{
    static const char zeros[1 << 20];
    struct timeval t = {.tv_usec = 10000};
    int fd[2];

    UNIT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    UNIT_EQ(setsockopt(fd[0], SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t), 0);
    UNIT_EQ(io_write_all(fd[0], zeros, sizeof zeros, clock_now_ms() + 10), -1);
    UNIT_EQ(errno, ETIMEDOUT);
    (void)close(fd[0]);
    (void)close(fd[1]);
}

static void
all_bytes_arrive_in_pieces(void)
{
    static char sent[300000], got[300000];
    size_t n = 0;
    int fd[2], status = -1;
    pid_t child;

    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 31 / 7);
    UNIT_EQ(pipe2(fd, O_NONBLOCK | O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        (void)close(fd[0]);
        _exit(io_write_all(fd[1], sent, sizeof sent, clock_now_ms() + 10000) == 0 ? 0
                                                                                  : 1);
    }
    (void)close(fd[1]);
    for (;;) {
        ssize_t r =
            io_wait(fd[0], POLLIN, 10000) > 0
                ? io_read(fd[0], got + n, sizeof got - n < 7000 ? sizeof got - n : 7000)
                : -1;

        if (r <= 0)
            break;
        n += (size_t)r;
    }
    UNIT(n == sizeof sent && memcmp(sent, got, n) == 0);
    UNIT(waitpid(child, &status, 0) == child && status == 0);
    (void)close(fd[0]);
}

static void
nobody_reading_is_an_error(void)
{
    int fd[2];

    UNIT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd), 0);
    UNIT_EQ(io_wait(fd[0], POLLIN, 0), 0);
    UNIT_EQ(io_write_all(fd[0], "", 0, 0), 0);
    (void)close(fd[1]);
    UNIT((io_wait(fd[0], POLLIN, -1) & POLLHUP) != 0);
    (void)close(fd[0]);
    UNIT(io_write_all(fd[0], "x", 1, clock_now_ms() + 1000) == -1 && errno == EBADF);
}

static void
a_file_is_read_whole_or_not(void)
{
    struct buf b = buf_init(1000000), small = buf_init(100000);
    static char text[200000];
    struct error e;

    (void)memset(text, 'z', sizeof text);
    UNIT_EQ(io_durable_file(unit_dir(), "f", (struct str){text, sizeof text}, &e), 0);
    UNIT(io_read_file(in_dir("f"), &b, &e) == 0 && b.n == sizeof text);
    UNIT(io_read_file(in_dir("f"), &small, &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT(strstr(e.detail, strerror(EFBIG)) != NULL);
    UNIT(io_read_file(in_dir("none"), &b, &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT(io_read_file(unit_dir(), &b, &e) == -1 && e.kind == ERROR_SYSTEM);
    buf_release(&b);
    buf_release(&small);
}

static void
a_durable_file_is_whole_private_and_alone(void)
{
    struct buf b = buf_init(100);
    struct stat st = {0};
    struct error e;

    UNIT_EQ(io_durable_file(unit_dir(), "a", STR("first"), &e), 0);
    UNIT_EQ(io_durable_file(unit_dir(), "a", STR("sec\0nd"), &e), 0);
    UNIT_EQ(io_read_file(in_dir("a"), &b, &e), 0);
    UNIT(str_eq(buf_str(&b), STR("sec\0nd")));
    UNIT(stat(in_dir("a"), &st) == 0 && (st.st_mode & 07777) == 0600);
    UNIT_EQ(files_in_dir(), 1);
    buf_release(&b);
}

static void
a_durable_file_that_fails_leaves_nothing(void)
{
    static char name[300];
    struct error e;

    UNIT(io_durable_file(in_dir("none/deeper"), "a", STR("x"), &e) == -1 &&
         e.kind == ERROR_SYSTEM);
    UNIT_EQ(mkdir(in_dir("d"), 0700), 0);
    UNIT(io_durable_file(unit_dir(), "d", STR("x"), &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT_EQ(files_in_dir(), 1);
    (void)memset(name, 'n', sizeof name - 1);
    UNIT(io_durable_file(unit_dir(), name, STR("x"), &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT_EQ(files_in_dir(), 1);
}

static void
a_listening_socket_has_its_mode(void)
{
    struct stat st = {0};
    struct error e;
    int fd = io_unix_listen(in_dir("s"), 0640, 5, &e), to, from;

    UNIT(fd >= 0 && stat(path, &st) == 0);
    UNIT(S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0640);
    UNIT((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 &&
         (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    UNIT(accept(fd, NULL, NULL) == -1 && errno == EAGAIN);
    to = io_unix_connect(path);
    UNIT(to >= 0);
    from = accept(fd, NULL, NULL);
    UNIT(from >= 0 && io_write(to, "x", 1) == 1);
    (void)close(from);
    (void)close(to);
    (void)close(fd);
}

static void
a_stale_socket_is_replaced(void)
{
    struct error e;
    int fd = io_unix_listen(in_dir("s"), 0600, 5, &e);

    UNIT(fd >= 0);
    (void)close(fd);
    UNIT(io_unix_connect(path) == -1 && errno == ECONNREFUSED);
    fd = io_unix_listen(path, 0600, 5, &e);
    UNIT(fd >= 0);
    (void)close(fd);
}

static void
what_is_in_use_is_left_alone(void)
{
    struct buf b = buf_init(100);
    struct error e;
    int fd = io_unix_listen(in_dir("s"), 0600, 5, &e), to;

    UNIT(fd >= 0);
    UNIT(io_unix_listen(path, 0600, 5, &e) == -1 && e.kind == ERROR_SYSTEM);
    to = io_unix_connect(path);
    UNIT(to >= 0);
    (void)close(to);
    (void)close(fd);
    UNIT_EQ(io_durable_file(unit_dir(), "f", STR("mine"), &e), 0);
    UNIT(io_unix_listen(in_dir("f"), 0600, 5, &e) == -1 && e.kind == ERROR_SYSTEM);
    UNIT(io_read_file(path, &b, &e) == 0 && unit_is(buf_str(&b), "mine"));
    UNIT_EQ(symlink("s", in_dir("link")), 0);
    UNIT(io_unix_listen(path, 0600, 5, &e) == -1 && e.kind == ERROR_SYSTEM);
    buf_release(&b);
}

static void
a_path_too_long_is_a_mistake_of_configuration(void)
{
    char longer[sizeof((struct sockaddr_un *)NULL)->sun_path + 1];
    const size_t max = sizeof longer - 2;
    struct error e;

    UNIT_EQ(chdir(unit_dir()), 0); /* so that the length is ours alone */
    for (size_t n = max - 1; n <= max + 1; n++) {
        int fd;

        (void)memset(longer, 's', n);
        longer[n] = '\0';
        fd = io_unix_listen(longer, 0600, 5, &e);
        UNIT(n <= max ? fd >= 0 : fd == -1 && e.kind == ERROR_CONFIG);
        if (fd >= 0)
            (void)close(fd);
    }
    UNIT(io_unix_connect(longer) == -1 && errno == ENAMETOOLONG);
    UNIT(io_unix_listen("", 0600, 5, &e) == -1 && e.kind == ERROR_CONFIG);
    UNIT_EQ(chdir("/"), 0);
}

static void
a_file_has_an_age_by_the_wall_clock(void)
{
    static const struct {
        int64_t ago_ms;
        bool known;
    } cases[] = {{0, true}, {1000, true}, {86400000, true}, {-1000000, false}};

    char aged[4200];
    int fd;

    (void)snprintf(aged, sizeof aged, "%s/aged", unit_dir());
    UNIT_EQ(io_file_age_ms(aged), INT64_MAX);
    fd = open(aged, O_WRONLY | O_CREAT, 0600);
    UNIT(fd >= 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t at_ms = clock_wall_us() / 1000 - cases[i].ago_ms, age_ms;
        const struct timespec at = {at_ms / 1000, at_ms % 1000 * 1000000};
        const struct timespec times[2] = {at, at};

        UNIT_EQ(futimens(fd, times), 0);
        age_ms = io_file_age_ms(aged);
        UNIT(cases[i].known
                 ? age_ms >= cases[i].ago_ms && age_ms < cases[i].ago_ms + 60000
                 : age_ms == INT64_MAX);
    }
    (void)close(fd);
}

static void
a_lock_is_had_by_one(void)
{
    char name[4200];
    int one, other;

    (void)snprintf(name, sizeof name, "%s/lock", unit_dir());
    one = io_try_lock(name);
    UNIT(one >= 0 && fcntl(one, F_GETFD) == FD_CLOEXEC);
    UNIT(io_try_lock(name) == -1 && errno == EWOULDBLOCK);
    (void)close(one);
    other = io_try_lock(name);
    UNIT(other >= 0 && io_lock(other) == 0); /* once more is no harm */
    (void)close(other);
    UNIT(io_lock(other) == -1 && errno == EBADF);
    UNIT(io_try_lock("/nonexistent/lock") == -1 && errno == ENOENT);
}

static const struct unit_test tests[] = {
    {"a_lock_is_had_by_one", a_lock_is_had_by_one},
    {"a_file_has_an_age_by_the_wall_clock", a_file_has_an_age_by_the_wall_clock},
    {"a_full_pipe_ends_at_the_deadline", a_full_pipe_ends_at_the_deadline},
    {"a_socket_with_a_time_of_its_own_ends_too",
     a_socket_with_a_time_of_its_own_ends_too},
    {"all_bytes_arrive_in_pieces", all_bytes_arrive_in_pieces},
    {"nobody_reading_is_an_error", nobody_reading_is_an_error},
    {"a_file_is_read_whole_or_not", a_file_is_read_whole_or_not},
    {"a_durable_file_is_whole_private_and_alone",
     a_durable_file_is_whole_private_and_alone},
    {"a_durable_file_that_fails_leaves_nothing",
     a_durable_file_that_fails_leaves_nothing},
    {"a_listening_socket_has_its_mode", a_listening_socket_has_its_mode},
    {"a_stale_socket_is_replaced", a_stale_socket_is_replaced},
    {"what_is_in_use_is_left_alone", what_is_in_use_is_left_alone},
    {"a_path_too_long_is_a_mistake_of_configuration",
     a_path_too_long_is_a_mistake_of_configuration},
};

const struct unit_suite suite_io = {"io", tests, COUNT_OF(tests)};
