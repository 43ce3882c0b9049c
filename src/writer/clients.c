#include "writer/clients.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "writer/clients_state.h"

#define EVENTS_AT_ONCE 64
#define READ_BYTES 65536U
#define KEEP_BYTES 4096U /* there are many clients, each mostly idle */
#define ACCEPT_PAUSE_MS 1000
#define OUT_MAX_BYTES ((size_t)16 * 1024 * 1024)

static const struct peers nobody_else;

/* ---- invariants */

bool
clients_are_sane(const struct clients *c)
{
    return c->epoll_fd >= 0 && c->count <= c->max &&
           (c->first == NULL) == (c->count == 0) && !(c->accepting && c->stopped);
}

static uint32_t
reading(const struct client *k)
{
    return k->all->stopped ? 0 : EPOLLIN;
}

static bool
is_linked(const struct client *k)
{
    return (k->previous == NULL ? k->all->first == k : k->previous->next == k) &&
           (k->next == NULL || k->next->previous == k);
}

bool
client_is_sane(const struct client *k)
{
    uint32_t writing = k->out.n > 0 ? EPOLLOUT : 0;

    if (k->in.n > k->in.cap || k->out.n > k->out.cap)
        return false;
    switch (k->state) {
    case CLIENT_OPEN:
        return k->fd >= 0 && is_linked(k) && !k->out.failed &&
               k->watched == (reading(k) | writing);
    case CLIENT_ENDING:
        return k->fd >= 0 && is_linked(k) && k->out.n == 0 && k->watched == reading(k);
    case CLIENT_GONE:
        return k->fd < 0 && k->holds > 0;
    }
    return false;
}

/* ---- begin and end */

static int
watch(struct clients *c, int fd, uint32_t events, void *what)
{
    struct epoll_event ev = {.events = events, .data = {.ptr = what}};

    return epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

struct clients *
clients_new(int listen_fd, int signal_fd, size_t max, clients_on_frame *on_frame,
            void *context, struct error *e)
{
    struct clients *c = calloc(1, sizeof *c);

    if (c == NULL) {
        (void)error_errno(e, "clients");
        return NULL;
    }
    *c = (struct clients){.on_frame = on_frame,
                          .context = context,
                          .peers = &nobody_else,
                          .max = max,
                          .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                          .listen_fd = listen_fd,
                          .signal_fd = signal_fd,
                          .accepting = true};
    if (c->epoll_fd < 0 || watch(c, listen_fd, EPOLLIN, &c->listen_fd) != 0 ||
        (signal_fd >= 0 && watch(c, signal_fd, EPOLLIN, &c->signal_fd) != 0)) {
        (void)error_errno(e, "epoll");
        clients_free(c);
        return NULL;
    }
    return c;
}

void
clients_set_peers(struct clients *c, const struct peers *allowed)
{
    c->peers = allowed;
}

static void
destroy(struct client *k)
{
    buf_release(&k->in);
    buf_release(&k->out);
    free(k);
}

/* Ends the connection; the object remains while somebody holds it. */
static void
disconnect(struct client *k)
{
    struct clients *c = k->all;

    if (k->state == CLIENT_GONE)
        return;
    (void)close(k->fd);
    k->fd = -1;
    k->state = CLIENT_GONE;
    c->count--;
    if (k->previous != NULL)
        k->previous->next = k->next;
    else
        c->first = k->next;
    if (k->next != NULL)
        k->next->previous = k->previous;
    if (k->holds == 0)
        destroy(k);
}

void
clients_free(struct clients *c)
{
    if (c == NULL)
        return;
    while (c->first != NULL)
        disconnect(c->first);
    if (c->epoll_fd >= 0)
        (void)close(c->epoll_fd);
    if (c->listen_fd >= 0)
        (void)close(c->listen_fd);
    free(c);
}

int
clients_fd(const struct clients *c)
{
    return c->epoll_fd;
}

struct buf *
client_out(struct client *k)
{
    return &k->out;
}

void
client_hold(struct client *k)
{
    k->holds++;
}

void
client_release(struct client *k)
{
    CHECK(k->holds > 0);
    if (--k->holds == 0 && k->state == CLIENT_GONE)
        destroy(k);
}

enum frame_attached
client_attach(struct client *k, int64_t project, size_t max_project, size_t max_all,
              bool force)
{
    size_t all = 0, same = 0;

    for (const struct client *other = k->all->first; other != NULL; other = other->next) {
        all += other != k && other->attached != 0;
        same += other != k && other->attached == project;
    }
    if (!force && same >= max_project)
        return FRAME_ATTACHED_PROJECT_FULL;
    if (!force && all >= max_all)
        return FRAME_ATTACHED_ALL_FULL;
    k->attached = project;
    return FRAME_ATTACHED_OK;
}

static void
watch_client(struct client *k, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data = {.ptr = k}};

    if (k->watched == events)
        return;
    CHECK(epoll_ctl(k->all->epoll_fd, EPOLL_CTL_MOD, k->fd, &ev) == 0);
    k->watched = events;
}

/* Writes as much as the socket accepts.  Returns -1 when the connection is unusable. */
static int
write_out(struct client *k)
{
    size_t done = 0;

    if (k->out.failed)
        return -1;
    while (done < k->out.n) {
        ssize_t put = io_write(k->fd, k->out.data + done, k->out.n - done);

        if (put < 0 && errno != EAGAIN)
            return -1;
        if (put < 0)
            break;
        done += (size_t)put;
    }
    buf_drop(&k->out, done);
    if (k->out.n == 0)
        buf_clear(&k->out, KEEP_BYTES);
    watch_client(k, k->out.n > 0 ? reading(k) | EPOLLOUT : reading(k));
    return 0;
}

/* Its last frames are still read; the end of its input disconnects it, so k stays valid
 * for callers. */
static void
begin_to_end(struct client *k)
{
    (void)shutdown(k->fd, SHUT_RDWR);
    k->state = CLIENT_ENDING;
    buf_clear(&k->out, 0);
    watch_client(k, reading(k));
}

void
client_flush(struct client *k)
{
    if (k->state != CLIENT_OPEN)
        buf_clear(&k->out, 0);
    else if (write_out(k) != 0)
        begin_to_end(k);
}

/* A user who may submit can use up anybody's limit, so users must be listed. */
static bool
is_allowed(const struct clients *c, int fd)
{
    uid_t uid;

    if (peer_check(c->peers, fd, &uid))
        return true;
    log_write(LOG_LEVEL_WARNING, LOG_PEER_REFUSED,
              (struct log_pair[]){LOG_NUMBER("uid", (int64_t)uid),
                                  LOG_TEXT("option", STR("writer_users"))},
              2);
    return false;
}

static void
accept_one(struct clients *c)
{
    int fd = accept4(c->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct client *k;

    if (fd < 0 &&
        (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)) {
        c->accept_again_ms = clock_now_ms() + ACCEPT_PAUSE_MS;
        log_write(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, NULL, 0);
        return;
    }
    if (fd < 0)
        return;
    if (!is_allowed(c, fd)) {
        (void)close(fd);
        return;
    }
    k = c->count >= c->max ? NULL : calloc(1, sizeof *k);
    if (k == NULL || watch(c, fd, EPOLLIN, k) != 0) {
        log_write(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES,
                  &LOG_NUMBER("clients", (int64_t)c->count), 1);
        free(k);
        (void)close(fd);
        return;
    }
    *k = (struct client){.state = CLIENT_OPEN,
                         .all = c,
                         .next = c->first,
                         .fd = fd,
                         .watched = EPOLLIN,
                         .in = buf_init(FRAME_MAX_BYTES + READ_BYTES),
                         .out = buf_init(OUT_MAX_BYTES)};
    if (c->first != NULL)
        c->first->previous = k;
    c->first = k;
    c->count++;
}

/* Passes on every whole frame. */
static int
take_frames(struct client *k)
{
    struct str left = buf_str(&k->in);
    struct error e;
    struct frame f;
    ptrdiff_t n;

    while ((n = frame_parse(left, &f, &e)) > 0 &&
           k->all->on_frame(k->all->context, k, &f, &e) == 0)
        left = (struct str){left.p + n, left.n - (size_t)n};
    if (n != 0) {
        log_error(LOG_LEVEL_WARNING, LOG_CLIENT_DISCONNECTED, &e, NULL, 0);
        return -1;
    }
    buf_drop(&k->in, k->in.n - left.n);
    if (k->in.n == 0)
        buf_clear(&k->in, KEEP_BYTES);
    return 0;
}

/* Reads once: a client that sends without pause must not delay the others. */
static int
read_in(struct client *k)
{
    char *at = buf_reserve(&k->in, READ_BYTES);
    ssize_t got;

    if (at == NULL) {
        log_write(LOG_LEVEL_ERROR, LOG_OUT_OF_RESOURCES, NULL, 0);
        return -1;
    }
    got = io_read(k->fd, at, READ_BYTES);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got <= 0)
        return -1;
    k->in.n += (size_t)got;
    return take_frames(k);
}

static void
serve_client(struct client *k, uint32_t events)
{
    int rc = 0;

    CHECK(client_is_sane(k));
    client_hold(k);
    if ((events & EPOLLOUT) != 0)
        rc = write_out(k);
    if (rc == 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        rc = k->all->stopped ? ((events & EPOLLIN) != 0 ? 0 : -1) : read_in(k);
    if (rc != 0)
        disconnect(k);
    /* NOLINTBEGIN(clang-analyzer-unix.Malloc): held, so not freed above */
    CHECK(client_is_sane(k));
    client_release(k);
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
}

/* The listening socket is removed from the set while descriptors are short; otherwise it
 * would always be ready. */
static void
set_accepting(struct clients *c)
{
    bool wanted = !c->stopped && clock_now_ms() >= c->accept_again_ms;

    if (wanted == c->accepting)
        return;
    if (wanted)
        CHECK(watch(c, c->listen_fd, EPOLLIN, &c->listen_fd) == 0);
    else
        CHECK(epoll_ctl(c->epoll_fd, EPOLL_CTL_DEL, c->listen_fd, NULL) == 0);
    c->accepting = wanted;
}

bool
clients_serve(struct clients *c, int timeout_ms)
{
    struct epoll_event ready[EVENTS_AT_ONCE];
    bool signalled = false;
    int n;

    CHECK(clients_are_sane(c));
    set_accepting(c);
    if (!c->accepting && !c->stopped && (timeout_ms < 0 || timeout_ms > ACCEPT_PAUSE_MS))
        timeout_ms = ACCEPT_PAUSE_MS;
    n = epoll_wait(c->epoll_fd, ready, EVENTS_AT_ONCE, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (ready[i].data.ptr == &c->listen_fd)
            accept_one(c);
        else if (ready[i].data.ptr == &c->signal_fd)
            signalled = true;
        else
            serve_client(ready[i].data.ptr, ready[i].events);
    }
    return signalled;
}

void
clients_stop(struct clients *c)
{
    c->stopped = true;
    set_accepting(c);
    for (struct client *k = c->first; k != NULL; k = k->next) {
        watch_client(k, k->watched & ~(uint32_t)EPOLLIN);
        CHECK(client_is_sane(k));
    }
}

void
clients_drain(struct clients *c, int64_t deadline_ms)
{
    for (;;) {
        int64_t left = deadline_ms - clock_now_ms();
        bool waiting = false;

        for (struct client *k = c->first; k != NULL; k = k->next)
            waiting = waiting || k->out.n > 0;
        if (!waiting || left <= 0)
            return;
        (void)!clients_serve(c, left > 100 ? 100 : (int)left);
    }
}
