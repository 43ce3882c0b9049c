#include "super/control.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"

#define SOCKET_MODE 0600
#define SHARED_MODE 0666
#define BACKLOG 16
#define ANSWER_MAX_BYTES ((size_t)4 * LIMIT_MIB)

void
control_path(int dir_fd, char out[64])
{
    (void)snprintf(out, 64, "/proc/self/fd/%d/%s", dir_fd, CONTROL_SOCKET);
}

static void
hang_up(struct control_connection *k)
{
    if (k->fd >= 0)
        (void)close(k->fd);
    k->fd = -1;
    k->n = 0;
    k->waits = false;
}

/* The socket's own buffer holds any reasonable answer; a client that does not read loses
 * the rest, and never blocks mesherd. */
static void
answer(struct control_connection *k, struct buf *out, const struct error *e)
{
    if (e == NULL || e->kind == ERROR_NONE)
        buf_add_text(out, "ok\n");
    else
        buf_add_f(out, "error %s%s%s\n", e->text, e->detail[0] == '\0' ? "" : ": ",
                  e->detail);
    if (!out->failed && send(k->fd, out->data, out->n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        (void)0; /* the client has gone and needs no answer */
    hang_up(k);
}

static void
take_request(struct control_connection *k, size_t n)
{
    struct buf out = buf_init(ANSWER_MAX_BYTES);
    struct error e = {.kind = ERROR_NONE};

    switch (k->all->on_request(k->all->context, (struct str){k->line, n}, &out, &e)) {
    case CONTROL_DONE:
        answer(k, &out, NULL);
        break;
    case CONTROL_REFUSED:
        answer(k, &out, &e);
        break;
    case CONTROL_LATER:
        k->waits = true;
        break;
    }
    buf_release(&out);
}

static void
on_readable(void *context)
{
    struct control_connection *k = context;
    const char *end;
    ssize_t got;

    if (k->fd < 0)
        return;
    got = io_read(k->fd, k->line + k->n, sizeof k->line - k->n);
    if (got < 0 && errno == EAGAIN)
        return;
    /* Nothing may arrive while it waits; a line without an end is invalid. */
    if (got <= 0 || k->waits) {
        hang_up(k);
        return;
    }
    k->n += (size_t)got;
    end = memchr(k->line, '\n', k->n);
    if (end != NULL)
        take_request(k, (size_t)(end - k->line));
    else if (k->n == sizeof k->line)
        hang_up(k);
}

/* The refusal is sent at once, whatever the request: it takes no place from allowed
 * users. */
static bool
is_allowed(const struct control *c, int fd)
{
    char text[120];
    uid_t uid;
    int n;

    if (peer_check(&c->peers, fd, &uid))
        return true;
    log_write(LOG_LEVEL_WARNING, LOG_PEER_REFUSED,
              (struct log_pair[]){LOG_NUMBER("uid", (int64_t)uid),
                                  LOG_TEXT("option", STR("control_users"))},
              2);
    n = snprintf(text, sizeof text,
                 "error not allowed: user %lld is not in control_users\n",
                 (long long)uid);
    if (send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        (void)0; /* the client has gone and needs no answer */
    return false;
}

static void
on_connection(void *context)
{
    struct control *c = context;
    int fd = accept4(c->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct error ignored;

    if (fd < 0)
        return;
    if (!is_allowed(c, fd)) {
        (void)close(fd);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(c->connections); i++) {
        struct control_connection *k = &c->connections[i];

        if (k->fd >= 0)
            continue;
        k->fd = fd;
        if (watch_add(c->watch_set, fd, &k->watch, &ignored) != 0)
            hang_up(k);
        return;
    }
    (void)close(fd);
}

static int
listen_in(const char *dir, struct error *e)
{
    int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
    char path[64];

    if (dir_fd < 0)
        return error_errno(e, dir);
    control_path(dir_fd, path);
    fd = io_unix_listen(path, SOCKET_MODE, BACKLOG, e);
    if (fd < 0)
        (void)error_prefix(e, "%.60s/" CONTROL_SOCKET, dir);
    (void)close(dir_fd);
    return fd;
}

int
control_open(struct control *c, const char *dir, int watch_set,
             control_request *on_request, void *context, struct error *e)
{
    *c = (struct control){.on_request = on_request,
                          .context = context,
                          .watch_set = watch_set,
                          .watch = {on_connection, c}};
    for (size_t i = 0; i < COUNT_OF(c->connections); i++) {
        struct control_connection *k = &c->connections[i];

        k->all = c;
        k->fd = -1;
        k->watch = (struct watch){on_readable, k};
    }
    c->listen_fd = listen_in(dir, e);
    return c->listen_fd < 0 ? -1 : watch_add(watch_set, c->listen_fd, &c->watch, e);
}

int
control_allow(struct control *c, const char *dir, const struct peers *users,
              struct error *e)
{
    int dir_fd, rc;

    c->peers = *users;
    if (users->count == 0)
        return 0;
    dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    rc = dir_fd < 0 ? -1 : fchmodat(dir_fd, CONTROL_SOCKET, SHARED_MODE, 0);
    if (rc != 0)
        (void)error_errno(e, dir);
    if (dir_fd >= 0)
        (void)close(dir_fd);
    return rc;
}

bool
control_is_waited_for(const struct control *c)
{
    for (size_t i = 0; i < COUNT_OF(c->connections); i++)
        if (c->connections[i].fd >= 0 && c->connections[i].waits)
            return true;
    return false;
}

void
control_finish(struct control *c, const struct error *e)
{
    struct buf out = buf_init(ANSWER_MAX_BYTES);

    for (size_t i = 0; i < COUNT_OF(c->connections); i++)
        if (c->connections[i].fd >= 0 && c->connections[i].waits) {
            answer(&c->connections[i], &out, e);
            buf_clear(&out, SIZE_MAX);
        }
    buf_release(&out);
}

void
control_close(struct control *c, const char *dir)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < COUNT_OF(c->connections); i++)
        hang_up(&c->connections[i]);
    if (c->listen_fd < 0)
        return;
    (void)close(c->listen_fd);
    c->listen_fd = -1;
    if (snprintf(path, sizeof path, "%s/%s", dir, CONTROL_SOCKET) < (int)sizeof path)
        (void)unlink(path);
}
