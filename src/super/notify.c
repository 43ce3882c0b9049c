#include "super/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_BYTES 4096U

static int
address_of(const char *name, struct sockaddr_un *out, socklen_t *n)
{
    size_t bytes = strlen(name);

    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((name[0] != '/' && name[0] != '@') || bytes < 2 || bytes >= sizeof out->sun_path)
        return -1;
    (void)memcpy(out->sun_path, name, bytes);
    if (name[0] == '@')
        out->sun_path[0] = '\0';
    *n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes);
    return 0;
}

void
notify_send(const char *socket_name, const char *state)
{
    struct sockaddr_un to;
    socklen_t n;
    int fd;

    if (socket_name == NULL || address_of(socket_name, &to, &n) != 0)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
               (const struct sockaddr *)&to, n) < 0)
        (void)0; /* nothing listens */
    (void)close(fd);
}

int
notify_open(char name[NOTIFY_NAME_BYTES], struct error *e)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t n = sizeof at;
    int on = 1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    size_t bytes;

    /* Bound with the family alone: the kernel chooses an abstract name, unix(7). */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at.sun_family) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0) {
        (void)error_errno(e, "notify socket");
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    bytes = n - offsetof(struct sockaddr_un, sun_path);
    CHECK(bytes > 1 && bytes < NOTIFY_NAME_BYTES);
    (void)memcpy(name, at.sun_path, bytes);
    name[0] = '@';
    name[bytes] = '\0';
    return fd;
}

bool
notify_says_ready(struct str message)
{
    while (message.p != NULL)
        if (str_eq(str_cut(&message, '\n'), STR("READY=1")))
            return true;
    return false;
}

bool
notify_receive(int fd, pid_t *from, bool *ready)
{
    char text[MESSAGE_BYTES];

    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec part = {text, sizeof text};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *c = got < 0 ? NULL : CMSG_FIRSTHDR(&m);
    struct ucred who;

    if (got < 0)
        return false;
    *from = 0;
    *ready = notify_says_ready((struct str){text, (size_t)got});
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
        c->cmsg_len == CMSG_LEN(sizeof who)) {
        (void)memcpy(&who, CMSG_DATA(c), sizeof who);
        *from = who.pid;
    }
    return true;
}
