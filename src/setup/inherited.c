#include "setup/inherited.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"

#define FIRST_FD 3

static int
bad_socket(struct error *e, const char *what)
{
    error_set(e, ERROR_CONFIG, "bad socket");
    return error_detail(e, "%s", what);
}

/* Returns an integer socket option, if not 0; -1 when fd is not a socket. */
static int
option_of(int fd, int name)
{
    int value = 0;
    socklen_t n = sizeof value;

    return getsockopt(fd, SOL_SOCKET, name, &value, &n) == 0 ? value : -1;
}

int
inherited_socket(conf_getenv *env, int *fd, struct error *e)
{
    const char *pid_text = env("LISTEN_PID"), *count_text = env("LISTEN_FDS");
    int64_t pid, count;
    int flags;

    *fd = -1;
    /* Meant for another process: the variables were passed on by a shell or similar. */
    if (pid_text == NULL || count_text == NULL ||
        num_parse(str_of(pid_text), 1, INT64_MAX, &pid) != 0 || pid != (int64_t)getpid())
        return 0;
    if (num_parse(str_of(count_text), 1, 1, &count) != 0)
        return bad_socket(e, "LISTEN_FDS must be 1");
    if (option_of(FIRST_FD, SO_DOMAIN) != AF_UNIX ||
        option_of(FIRST_FD, SO_ACCEPTCONN) != 1)
        return bad_socket(e, "descriptor 3 must be a listening Unix socket");
    flags = fcntl(FIRST_FD, F_GETFL);
    if (flags < 0 || fcntl(FIRST_FD, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC) != 0)
        return error_errno(e, "descriptor 3");
    *fd = FIRST_FD;
    return 0;
}
