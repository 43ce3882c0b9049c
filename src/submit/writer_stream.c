#include "submit/writer_stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#define READ_BYTES 16384U
#define KEEP_BYTES 65536U

void
writer_stream_init(struct writer_stream *l, const char *path)
{
    *l = (struct writer_stream){.path = path,
                                .fd = -1,
                                .in = buf_init((size_t)1024 * 1024),
                                .out = buf_init(2 * FRAME_MAX_BYTES)};
}

void
writer_stream_close(struct writer_stream *l)
{
    if (l->fd >= 0)
        (void)close(l->fd);
    l->fd = -1;
    buf_clear(&l->in, KEEP_BYTES);
    buf_clear(&l->out, KEEP_BYTES);
}

void
writer_stream_release(struct writer_stream *l)
{
    writer_stream_close(l);
    buf_release(&l->in);
    buf_release(&l->out);
}

static int
absent(struct error *e, const char *what)
{
    int saved = errno;

    error_set(e, ERROR_UNAVAILABLE, "writer unavailable");
    return error_detail(e, "%s: %s", what, strerror(saved));
}

/* The answer to an ATTACH. */
struct attach_answer {
    bool came;
    enum frame_attached state;
};

static void
take_attached(void *context, const struct frame *f)
{
    struct attach_answer *a = context;
    struct error ignored;

    if (f->type == FRAME_ATTACHED &&
        frame_parse_attached(f->body, &a->state, &ignored) == 0)
        a->came = true;
}

int
writer_stream_open(struct writer_stream *l, int64_t project, bool again,
                   int64_t timeout_ms, enum frame_attached *attached, struct error *e)
{
    struct attach_answer answer = {.came = false};
    int64_t deadline_ms = clock_now_ms() + timeout_ms;

    writer_stream_close(l);
    errno = ENOENT;
    if (l->path[0] != '\0')
        l->fd = io_unix_connect(l->path);
    if (l->fd < 0)
        return absent(e, "connect");
    frame_attach(&l->out, ++l->tag, project, again ? FRAME_AGAIN : 0);
    while (!answer.came) {
        int64_t left = deadline_ms - clock_now_ms();

        errno = ETIMEDOUT;
        if (left <= 0 || io_wait(l->fd, writer_stream_events(l), left) <= 0 ||
            writer_stream_serve(l, take_attached, &answer) != 0) {
            writer_stream_close(l);
            return absent(e, "attach");
        }
    }
    *attached = answer.state;
    return 0;
}

uint32_t
writer_stream_send(struct writer_stream *l, struct buf *frame)
{
    frame_set_tag(frame, ++l->tag);
    buf_add_str(&l->out, buf_str(frame));
    return l->tag;
}

short
writer_stream_events(const struct writer_stream *l)
{
    return l->out.n > 0 ? POLLIN | POLLOUT : POLLIN;
}

static int
write_out(struct writer_stream *l)
{
    size_t done = 0;

    while (done < l->out.n) {
        ssize_t put = io_write(l->fd, l->out.data + done, l->out.n - done);

        if (put < 0 && errno != EAGAIN)
            return -1;
        if (put < 0)
            break;
        done += (size_t)put;
    }
    buf_drop(&l->out, done);
    if (l->out.n == 0)
        buf_clear(&l->out, KEEP_BYTES);
    return l->out.failed ? -1 : 0;
}

static int
read_in(struct writer_stream *l, writer_stream_on_frame *on_frame, void *context)
{
    for (;;) {
        char *at = buf_reserve(&l->in, READ_BYTES);
        ssize_t got = at == NULL ? 0 : io_read(l->fd, at, READ_BYTES);
        struct error ignored;
        struct frame f;
        ptrdiff_t n;

        if (got < 0 && errno == EAGAIN)
            return 0;
        if (got <= 0)
            return -1;
        l->in.n += (size_t)got;
        while ((n = frame_parse(buf_str(&l->in), &f, &ignored)) > 0) {
            on_frame(context, &f);
            buf_drop(&l->in, (size_t)n);
        }
        if (n < 0)
            return -1;
    }
}

int
writer_stream_serve(struct writer_stream *l, writer_stream_on_frame *on_frame,
                    void *context)
{
    if (write_out(l) == 0 && read_in(l, on_frame, context) == 0)
        return 0;
    writer_stream_close(l);
    return -1;
}
