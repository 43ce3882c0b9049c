#include "super/watch.h"

#include <limits.h>
#include <sys/epoll.h>

#define AT_ONCE 32

int
watch_open(struct error *e)
{
    int set = epoll_create1(EPOLL_CLOEXEC);

    return set < 0 ? error_errno(e, "epoll") : set;
}

int
watch_add(int set, int fd, struct watch *w, struct error *e)
{
    struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = w}};

    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : error_errno(e, "epoll");
}

void
watch_serve(int set, int64_t timeout_ms)
{
    struct epoll_event ready[AT_ONCE];
    int n =
        epoll_wait(set, ready, AT_ONCE, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);

    for (int i = 0; i < n; i++) {
        const struct watch *w = ready[i].data.ptr;

        w->serve(w->context);
    }
}
