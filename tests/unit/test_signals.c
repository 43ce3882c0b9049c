#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"
#include "unit.h"

static void
children_are_told_of_even_if_they_were_ignored(void)
{
    static const int numbers[] = {SIGCHLD};
    struct signalfd_siginfo got;
    struct pollfd p = {.events = POLLIN};
    struct error e;
    int status = 0;
    sigset_t set;
    pid_t child;

    UNIT(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    p.fd = signals_open(numbers, COUNT_OF(numbers), &e);
    UNIT(p.fd >= 0);
    UNIT_EQ(read(p.fd, &got, sizeof got), -1); /* nothing yet, and it does not wait */
    child = fork();
    if (child == 0)
        _exit(7);
    UNIT_EQ(poll(&p, 1, 10000), 1);
    UNIT_EQ(read(p.fd, &got, sizeof got), (ssize_t)sizeof got);
    UNIT(got.ssi_signo == SIGCHLD && (pid_t)got.ssi_pid == child);
    UNIT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
    UNIT_EQ(close(p.fd), 0);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGCHLD);
    UNIT_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

static const struct unit_test tests[] = {
    {"children_are_told_of_even_if_they_were_ignored",
     children_are_told_of_even_if_they_were_ignored},
};

const struct unit_suite suite_signals = {"signals", tests, COUNT_OF(tests)};
