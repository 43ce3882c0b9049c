#include "front/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#define KEEP_BYTES 65536U

/* A web server that connects has its request ready; signals wait for it no longer. */
#define FIRST_BYTE_MS 2000

/* Idle for so long, a connection to the database is closed, where it stands in for the
 * writer or there are few. */
#define REST_MS 2000

/* Idle for so long, it tells what it has counted. */
#define COUNTS_MS 1000

#define OUT_MAX_BYTES ((size_t)4 * 1024 * 1024)

static volatile sig_atomic_t stop;

static void
on_stop(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

bool
fcgi_is_wanted(void)
{
    return !FCGX_IsCGI();
}

/* The signals are blocked except while waiting: libfcgi 2.4.2 loses the request and spins
 * when one comes between accept(2) and the first byte. */
static int
set_signals(sigset_t *while_waiting, struct error *e)
{
    struct sigaction action = {.sa_handler = on_stop};
    sigset_t ours;
    int flags = fcntl(0, F_GETFL);

    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGUSR1);
    (void)sigaddset(&ours, SIGINT);
    if (sigprocmask(SIG_BLOCK, &ours, while_waiting) != 0 ||
        sigaction(SIGTERM, &action, NULL) != 0 ||
        sigaction(SIGUSR1, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0 ||
        signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return error_errno(e, "signals");
    (void)sigdelset(while_waiting, SIGTERM);
    (void)sigdelset(while_waiting, SIGUSR1);
    (void)sigdelset(while_waiting, SIGINT);
    if (flags < 0 || fcntl(0, F_SETFL, flags | O_NONBLOCK) != 0)
        return error_errno(e, "listening socket");
    return 0;
}

/* A request with the time at which its body must be there. */
struct incoming {
    FCGX_Request *fr;
    int64_t deadline_ms;
};

static ptrdiff_t
read_body(void *context, char *p, size_t n, struct error *e)
{
    struct incoming *in = context;
    int got = FCGX_GetStr(p, n > INT_MAX ? INT_MAX : (int)n, in->fr->in);

    if (got >= 0 && clock_now_ms() >= in->deadline_ms)
        return error_set(e, ERROR_TIMEOUT, "the body did not come in time");
    if (got == 0 && FCGX_GetError(in->fr->in) != 0)
        return error_set(e, ERROR_MALFORMED, "the body ended early");
    return got;
}

static void
serve(const struct route_services *services, struct incoming *in, struct request *rq,
      struct answer *a, struct buf *out)
{
    struct body_source body = {.read = read_body, .context = in};
    int64_t began_ms = clock_now_ms();
    struct error e;

    request_read(rq, in->fr->envp, &body);
    route_answer(services, rq, a, &e);
    request_format(rq, a, out);
    CHECK(out->n <= INT_MAX);
    /* A client that left is no error: what it sent is stored. */
    (void)FCGX_PutStr(out->data, (int)out->n, in->fr->out);
    request_log(rq, a, &e, clock_now_ms() - began_ms);
    buf_clear(out, KEEP_BYTES);
    buf_clear(&a->body, KEEP_BYTES);
}

static int
set_timeout(int fd, int64_t timeout_ms)
{
    struct timeval t = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};

    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}

/* libfcgi waits for a web server without end.  A TCP connection inherits the listening
 * socket's timeouts; one over a Unix socket does not, so it is accepted here and given to
 * libfcgi in the way in which a kept connection comes back to it.  (TCP is left to
 * libfcgi, which checks FCGI_WEB_SERVER_ADDRS.)  -1 with errno. */
static int
accept_request(FCGX_Request *fr, bool is_unix, int64_t timeout_ms)
{
    if (is_unix) {
        int fd = accept4(0, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            return -1;
        if (io_wait(fd, POLLIN, FIRST_BYTE_MS) <= 0 || set_timeout(fd, timeout_ms) != 0) {
            (void)close(fd);
            errno = EAGAIN;
            return -1;
        }
        fr->ipcFd = fd;
        fr->keepConnection = 1;
    }
    return FCGX_Accept_r(fr) == 0 ? 0 : -1;
}

static bool
listens_on_unix(void)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;

    return getsockname(0, (struct sockaddr *)&at, &n) == 0 && at.ss_family == AF_UNIX;
}

/* An epoll set of the listening socket alone: with EPOLLEXCLUSIVE a connection wakes one
 * idle process of the pool, where poll(2) would wake them all. */
static int
watch_socket(struct error *e)
{
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int fd = epoll_create1(EPOLL_CLOEXEC);

    if (fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, 0, &wanted) == 0)
        return fd;
    error_errno(e, "epoll");
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int
fcgi_serve(const struct route_services *services, int64_t body_timeout_ms,
           struct error *e)
{
    struct request rq = {.method = HTTP_OTHER};
    struct answer a = {.body = buf_init(OUT_MAX_BYTES)};
    struct buf out = buf_init(OUT_MAX_BYTES + KEEP_BYTES);
    struct epoll_event ready;
    FCGX_Request fr;
    sigset_t while_waiting;
    bool is_unix = listens_on_unix();
    int rc = 0, epoll_fd;

    if (set_signals(&while_waiting, e) != 0)
        return -1;
    if (!is_unix && set_timeout(0, body_timeout_ms) != 0)
        return error_errno(e, "listening socket");
    if (FCGX_Init() != 0 || FCGX_InitRequest(&fr, 0, 0) != 0)
        return error_errno(e, "libfcgi");
    epoll_fd = watch_socket(e);
    if (epoll_fd < 0)
        return -1;
    while (!stop) {
        bool ours = services->submit != NULL;
        bool makeshift = ours && submit_is_makeshift(services->submit);
        bool counts = ours && submit_has_counts(services->submit);
        int n = epoll_pwait(epoll_fd, &ready, 1,
                            counts      ? COUNTS_MS
                            : makeshift ? REST_MS
                                        : -1,
                            &while_waiting);

        if (n == 0 && counts)
            submit_tell(services->submit);
        if (n == 0 && makeshift)
            submit_rest(services->submit);
        if (n <= 0)
            continue; /* a signal: the loop's condition knows */
        if (services->setup != NULL && setup_page_is_over())
            break; /* whoever asks is for the program that is set up */
        if (accept_request(&fr, is_unix, body_timeout_ms) == 0) {
            struct incoming in = {&fr, clock_now_ms() + body_timeout_ms};

            serve(services, &in, &rq, &a, &out);
            FCGX_Finish_r(&fr);
            if (ours)
                submit_chores(services->submit);
        } else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
            rc = error_errno(e, "accept");
            break;
        } /* EAGAIN: another process took it */
    }
    if (services->submit != NULL && submit_has_counts(services->submit))
        submit_tell(services->submit);
    (void)close(epoll_fd);
    request_release(&rq);
    buf_release(&a.body);
    buf_release(&out);
    return rc;
}
