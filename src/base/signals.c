#include "base/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

int
signals_open(const int *numbers, size_t count, struct error *e)
{
    sigset_t set;
    int fd;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        (void)sigaddset(&set, numbers[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        error_errno(e, "signals");
        return -1;
    }
    /* The parent process may have ignored some.  Blocked signals arrive nevertheless,
     * except SIGCHLD: ignored children leave no status. */
    for (size_t i = 0; i < count; i++)
        (void)signal(numbers[i], SIG_DFL);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        error_errno(e, "signalfd");
    return fd;
}
