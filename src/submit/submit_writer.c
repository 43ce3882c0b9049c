#include "submit/submit_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#define READ_BYTES 4096U
#define KEEP_BYTES 65536U
#define IN_MAX_BYTES ((size_t)1024 * 1024)

/* Connections that may end during one question: more means that the question kills the
 * writer each time. */
#define TRIES 4

void
submit_writer_init(struct submit_writer *w, const char *path, int64_t timeout_ms)
{
    *w = (struct submit_writer){
        .path = path, .timeout_ms = timeout_ms, .fd = -1, .in = buf_init(IN_MAX_BYTES)};
}

static void
disconnect(struct submit_writer *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
    buf_clear(&w->in, KEEP_BYTES);
}

void
submit_writer_release(struct submit_writer *w)
{
    disconnect(w);
    buf_release(&w->in);
}

uint32_t
submit_writer_tag(struct submit_writer *w)
{
    return ++w->tag;
}

static int
unavailable(struct error *e, const char *what)
{
    int saved = errno;

    error_set(e, ERROR_UNAVAILABLE, "writer unavailable");
    return error_detail(e, "%s: %s", what, strerror(saved));
}

/* Reads until the answer to `tag` is complete; skips answers to older questions.  Returns
 * 0, or -1 with errno: ECONNRESET when the connection ended, or ETIMEDOUT. */
static int
read_answer(struct submit_writer *w, uint32_t tag, enum frame_type answer,
            struct str *body)
{
    for (;;) {
        struct error ignored;
        struct frame f;
        ptrdiff_t n = frame_parse(buf_str(&w->in), &f, &ignored);
        char *at;
        ssize_t got;

        if (n > 0 && f.tag == tag && f.type == answer) {
            *body = f.body;
            return 0;
        }
        if (n > 0) {
            buf_drop(&w->in, (size_t)n);
            continue;
        }
        at = n < 0 ? NULL : buf_reserve(&w->in, READ_BYTES);
        if (at == NULL) {
            errno = EPROTO;
            return -1;
        }
        got = io_read(w->fd, at, READ_BYTES);
        if (got <= 0) {
            errno = got < 0 && errno == EAGAIN ? ETIMEDOUT : ECONNRESET;
            return -1;
        }
        w->in.n += (size_t)got;
    }
}

/* One attempt over the open connection. */
static int
ask_once(struct submit_writer *w, const struct buf *frame, uint32_t tag,
         enum frame_type answer, struct str *body)
{
    buf_clear(&w->in, KEEP_BYTES);
    if (io_write_all(w->fd, frame->data, frame->n, clock_now_ms() + w->timeout_ms) != 0) {
        errno = errno == EAGAIN ? ETIMEDOUT : errno;
        return -1;
    }
    return read_answer(w, tag, answer, body);
}

/* Uses the kernel's timeouts: one system call per answer instead of three. */
static int
connect_now(struct submit_writer *w)
{
    struct timeval t = {.tv_sec = w->timeout_ms / 1000,
                        .tv_usec = w->timeout_ms % 1000 * 1000};
    int flags;

    if (w->fd >= 0)
        return 0;
    w->fd = io_unix_connect(w->path);
    if (w->fd < 0)
        return -1;
    flags = fcntl(w->fd, F_GETFL);
    if (flags >= 0 && fcntl(w->fd, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
        setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) == 0 &&
        setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) == 0)
        return 0;
    disconnect(w);
    return -1;
}

int
submit_writer_tell(struct submit_writer *w, const struct buf *frame)
{
    if (connect_now(w) != 0)
        return -1;
    if (io_write_all(w->fd, frame->data, frame->n, clock_now_ms() + w->timeout_ms) == 0)
        return 0;
    disconnect(w);
    return -1;
}

enum submit_writer_result
submit_writer_ask(struct submit_writer *w, struct buf *frame, uint32_t tag,
                  enum frame_type answer, struct str *body, struct error *e)
{
    for (int i = 0; i < TRIES; i++) {
        bool final;

        if (connect_now(w) !=
            0) { /* EAGAIN: its backlog is full, so it is running, and busy */
            final = errno == EAGAIN;
            (void)unavailable(e, "connect");
            return final ? SUBMIT_WRITER_SILENT : SUBMIT_WRITER_ABSENT;
        }
        if (ask_once(w, frame, tag, answer, body) == 0)
            return SUBMIT_WRITER_ANSWERED;
        final = errno == ETIMEDOUT || errno == EPROTO;
        (void)unavailable(e, "no verdict");
        disconnect(w);
        if (final)
            return SUBMIT_WRITER_SILENT;
        if (answer == FRAME_VERDICTS)
            frame_mark_again(frame);
    }
    return SUBMIT_WRITER_SILENT;
}
