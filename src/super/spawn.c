#include "super/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "super/limit.h"

#define LISTEN_FD 3 /* SD_LISTEN_FDS_START */
#define LOG_MODE 0640

/* In the child: where it reports that its program cannot start; -1: nowhere. */
static int failure_fd = -1;

NO_RETURN

static void
die(const char *what, int code)
{
    if (failure_fd >= 0 && write(failure_fd, "x", 1) < 0)
        code = ERROR_EXIT_SYSTEM;
    (void)dprintf(STDERR_FILENO,
                  "level=error prog=mesherd event=cannot_start detail=\"%s: %s\"\n", what,
                  strerror(errno));
    _exit(code);
}

/* Moves fd to `at`, kept open over exec.  It may be there already, if mesherd was started
 * with a descriptor closed. */
static void
place(int fd, int at)
{
    int rc = 0;

    if (fd >= 0)
        rc = fd == at ? fcntl(fd, F_SETFD, 0) : dup2(fd, at);
    if (rc < 0)
        die("descriptors", ERROR_EXIT_SYSTEM);
}

/* Moves fd above the final numbers, while they are given out. */
static int
park(int fd)
{
    int parked = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, LIMIT_PARKED);

    if (fd >= 0 && parked < 0)
        die("descriptors", ERROR_EXIT_SYSTEM);
    return parked;
}

static void
set_descriptors(const struct spawn *s)
{
    int listener = park(s->listen_fd), ready = park(s->ready_fd);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    failure_fd = s->ready_as < 0 ? ready : -1;
    if (null < 0)
        die("/dev/null", ERROR_EXIT_SYSTEM);
    /* The process that started mesherd may have left descriptors open by mistake. */
    if (close_range(LISTEN_FD, ~0U, CLOSE_RANGE_CLOEXEC) != 0 && errno != ENOSYS)
        die("close_range", ERROR_EXIT_SYSTEM);
    if (s->log_file[0] != '\0') {
        int log = open(s->log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, LOG_MODE);

        if (log < 0)
            die(s->log_file, ERROR_EXIT_SYSTEM);
        place(log, STDOUT_FILENO);
        place(log, STDERR_FILENO);
    }
    place(s->listen_as_stdin && listener >= 0 ? listener : null, STDIN_FILENO);
    if (!s->listen_as_stdin)
        place(listener, LISTEN_FD);
    if (s->ready_as >= 0)
        place(ready, s->ready_as);
}

static void
set_variable(const char *name, const char *value)
{
    if ((value == NULL ? unsetenv(name) : setenv(name, value, 1)) != 0)
        die(name, ERROR_EXIT_SYSTEM);
}

/* Variables set by mesherd's own supervisor are for mesherd alone. */
static void
set_environment(const struct spawn *s)
{
    bool passes = s->listen_fd >= 0 && !s->listen_as_stdin;
    char pid[32];

    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    set_variable("LISTEN_PID", passes ? pid : NULL);
    set_variable("LISTEN_FDS", passes ? "1" : NULL);
    set_variable("LISTEN_FDNAMES", NULL);
    set_variable("WATCHDOG_USEC", NULL);
    set_variable("WATCHDOG_PID", NULL);
    set_variable("NOTIFY_SOCKET", s->notify_socket);
    if (s->conf_path != NULL)
        set_variable("MESHER_CONF", s->conf_path);
}

/* The signal for mesherd's death is set only after the fork, so mesherd may be dead by
 * then: the child then has another parent. */
static void
set_process(const struct spawn *s, pid_t parent)
{
    sigset_t none;

    if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, s->death_signal) != 0)
        die("process", ERROR_EXIT_SYSTEM);
    if (getppid() != parent)
        _exit(ERROR_EXIT_SYSTEM);
    (void)sigemptyset(&none);
    if (signal(SIGPIPE, SIG_DFL) == SIG_ERR || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        die("signals", ERROR_EXIT_SYSTEM);
}

pid_t
spawn_run(const struct spawn *s, struct error *e)
{
    pid_t parent = getpid(), pid = fork();

    if (pid < 0)
        return error_errno(e, "fork");
    if (pid == 0) {
        set_descriptors(s);
        set_environment(s);
        set_process(s, parent);
        (void)execvp(s->command[0], s->command);
        die(s->command[0],
            errno == ENOENT || errno == EACCES || errno == ENOEXEC || errno == ENOTDIR
                ? SPAWN_NO_PROGRAM
                : ERROR_EXIT_SYSTEM);
    }
    /* Both processes call it, so the group exists when this returns. */
    (void)setpgid(pid, pid);
    return pid;
}
