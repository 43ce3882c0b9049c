#include "front/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "front/closing.h"
#include "front/pace.h"
#include "front/watchdog.h"

#define KEEP_BYTES 65536U

/* A web server that connects has its request ready; signals are not delayed longer than
 * this. */
#define FIRST_BYTE_MS 2000

/* Idle time after which a database connection is closed, if it replaces the writer or
 * connections are scarce. */
#define REST_MS 2000

/* Idle time after which counts are reported. */
#define COUNTS_MS 1000

/* Interval of checking answered connections, while there are some. */
#define SWEEP_MS 50

/* Delay before the next attempt when descriptors or memory have run out. */
#define SHORTAGE_MS 100

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
 * if one arrives between accept(2) and the first byte. */
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

/* A request whose body is being received. */
struct incoming {
    FCGX_Request *fr;
    const struct request *rq;
    struct pace pace; /* of the body; began_ms is 0 until it is requested */
};

/* FCGX_GetStr() waits for all the bytes requested; this returns those that have
 * arrived. */
static int
read_some(FCGX_Stream *s, char *p, size_t n)
{
    size_t ready;

    if (s->rdNext == s->stop) {
        int c = FCGX_GetChar(s);

        if (c == EOF)
            return 0;
        (void)FCGX_UnGetChar(c, s);
    }
    ready = (size_t)(s->stop - s->rdNext);
    n = n < ready ? n : ready;
    return FCGX_GetStr(p, n > INT_MAX ? INT_MAX : (int)n, s);
}

static ptrdiff_t
read_body(void *context, char *p, size_t n, struct error *e)
{
    struct incoming *in = context;
    bool known = in->rq->ingest.project > 0;
    int got;

    if (in->pace.began_ms == 0)
        in->pace.began_ms = clock_now_ms();
    watchdog_known(known);
    if (!watchdog_may_wait())
        return pace_too_slow(e);
    watchdog_body(&in->pace);
    got = read_some(in->fr->in, p, n);
    watchdog_work();
    if (watchdog_has_bitten())
        return pace_too_slow(e);
    if (got == 0 && FCGX_GetError(in->fr->in) != 0)
        return error_set(e, ERROR_MALFORMED, "the body ended early");
    in->pace.bytes += (size_t)got;
    if (got > 0 && pace_check(&in->pace, known, clock_now_ms(), e) != 0)
        return -1;
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
    watchdog_answer();
    /* A client that has left is no error: its events are stored. */
    (void)FCGX_PutStr(out->data, (int)out->n, in->fr->out);
    (void)FCGX_FClose(in->fr->err);
    (void)FCGX_FClose(in->fr->out);
    watchdog_end();
    request_log(rq, a, &e, clock_now_ms() - began_ms);
    buf_clear(out, KEEP_BYTES);
    buf_clear(&a->body, KEEP_BYTES);
}

/* libfcgi waits indefinitely for a web server's first byte, unless the caller accepts the
 * connection.  Over a Unix socket, the connection is accepted here and passed to libfcgi
 * like a kept one.  (TCP is left to libfcgi, which checks FCGI_WEB_SERVER_ADDRS, and
 * waits for two seconds.)  Returns -1 with errno. */
static int
accept_request(FCGX_Request *fr, bool is_unix)
{
    if (is_unix) {
        int fd = accept4(0, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            return -1;
        if (io_wait(fd, POLLIN, FIRST_BYTE_MS) <= 0) {
            (void)close(fd);
            errno = EAGAIN;
            return -1;
        }
        fr->ipcFd = fd;
        fr->keepConnection = 1;
    }
    watchdog_head(&fr->ipcFd);
    errno = EAGAIN;
    return FCGX_Accept_r(fr) == 0 ? 0 : -1;
}

/* A request to keep the connection (FCGI_KEEP_CONN) is declined: it would occupy this
 * process, which serves one connection at a time.  libfcgi would wait for the peer to
 * close it. */
static void
finish_request(FCGX_Request *fr, struct closing *l)
{
    int fd = fr->ipcFd;

    FCGX_Free(fr, 0);
    fr->ipcFd = -1;
    fr->keepConnection = 0;
    closing_add(l, fd, clock_now_ms());
}

/* Such a shortage is temporary: other processes return resources at some point, and
 * connections wait in the backlog meanwhile. */
static bool
is_shortage(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM || number == ENOBUFS;
}

static void
live_through(struct closing *l, const sigset_t *while_waiting)
{
    const struct timespec pause = {.tv_nsec = SHORTAGE_MS * 1000000L};
    struct error e;

    (void)error_errno(&e, "accept");
    log_error(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, &e, NULL, 0);
    closing_close(l);
    (void)ppoll(NULL, 0, &pause, while_waiting);
}

static bool
listens_on_unix(void)
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;

    return getsockname(0, (struct sockaddr *)&at, &n) == 0 && at.ss_family == AF_UNIX;
}

/* Creates an epoll set of the listening socket alone: with EPOLLEXCLUSIVE a connection
 * wakes one idle process of the pool, while poll(2) would wake all of them. */
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

/* The state of the loop. */
struct loop {
    const struct route_services *services;
    const struct fcgi_settings *settings;
    FCGX_Request fr;
    struct request rq;
    struct answer answer;
    struct buf out;
    struct closing closing;
    sigset_t while_waiting;
    bool is_unix;
    int epoll_fd;
};

/* Waits for a connection, and does the work that is due meanwhile.  Returns whether there
 * is one. */
static bool
wait_for_request(struct loop *l)
{
    struct submit *submit = l->services->submit;
    bool disconnect = submit != NULL && submit_should_disconnect(submit);
    bool counts = submit != NULL && submit_has_counts(submit);
    struct epoll_event ready;
    int n;

    closing_sweep(&l->closing, clock_now_ms());
    n = epoll_pwait(l->epoll_fd, &ready, 1,
                    l->closing.count > 0 ? SWEEP_MS
                    : counts             ? COUNTS_MS
                    : disconnect         ? REST_MS
                                         : -1,
                    &l->while_waiting);
    if (n == 0 && l->closing.count > 0)
        return false;
    if (n == 0 && counts)
        submit_flush_outcomes(submit);
    if (n == 0 && disconnect)
        submit_disconnect(submit);
    return n > 0;
}

/* Accepts one request and serves it.  Returns 0, or -1 with ERROR_SYSTEM. */
static int
take_request(struct loop *l, struct error *e)
{
    struct incoming in = {.fr = &l->fr, .rq = &l->rq};
    int rc = accept_request(&l->fr, l->is_unix), number = errno;

    in.pace.timeout_ms = l->settings->body_timeout_ms;
    watchdog_work();
    if (rc == 0) {
        serve(l->services, &in, &l->rq, &l->answer, &l->out);
        finish_request(&l->fr, &l->closing);
        if (l->services->submit != NULL)
            submit_idle_maintenance(l->services->submit);
        return 0;
    }
    watchdog_end();
    errno = number;
    if (is_shortage(number))
        live_through(&l->closing, &l->while_waiting);
    else if (number != EAGAIN && number != ECONNABORTED && number != EINTR)
        return error_errno(e, "accept");
    return 0; /* EAGAIN: another process took it */
}

static int
begin(struct loop *l, struct error *e)
{
    if (set_signals(&l->while_waiting, e) != 0 ||
        watchdog_start(0, l->settings->slow_requests, e) != 0)
        return -1;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&l->fr, 0, 0) != 0)
        return error_errno(e, "libfcgi");
    l->epoll_fd = watch_socket(e);
    return l->epoll_fd < 0 ? -1 : 0;
}

int
fcgi_serve(const struct route_services *services, const struct fcgi_settings *settings,
           struct error *e)
{
    struct loop l = {.services = services,
                     .settings = settings,
                     .rq = {.method = HTTP_OTHER},
                     .answer = {.body = buf_init(OUT_MAX_BYTES)},
                     .out = buf_init(OUT_MAX_BYTES + KEEP_BYTES),
                     .is_unix = listens_on_unix()};
    int rc = 0;

    if (begin(&l, e) != 0)
        return -1;
    while (!stop && rc == 0) {
        if (!wait_for_request(&l))
            continue; /* a signal: the loop's condition handles it */
        if (services->setup != NULL && setup_page_is_over())
            break; /* further requests are for the program after its setup */
        rc = take_request(&l, e);
    }
    if (services->submit != NULL && submit_has_counts(services->submit))
        submit_flush_outcomes(services->submit);
    closing_close(&l.closing);
    (void)close(l.epoll_fd);
    request_release(&l.rq);
    buf_release(&l.answer.body);
    buf_release(&l.out);
    return rc;
}
