#include "super/control_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "super/control.h"

#define READ_BYTES 4096U

static int
connect_to(const char *dir, struct error *e)
{
    int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

    if (dir_fd >= 0) {
        char path[64];
        int saved;

        control_path(dir_fd, path);
        fd = io_unix_connect(path);
        saved = errno;
        (void)close(dir_fd);
        errno = saved;
    }
    if (fd >= 0)
        return fd;
    if (errno == EACCES || errno == EPERM)
        error_set(e, ERROR_FORBIDDEN, "not allowed to control mesherd");
    else
        error_set(e, ERROR_NOT_FOUND, "mesherd is not running");
    return error_detail(e, "%.150s/" CONTROL_SOCKET ": %s", dir, strerror(errno));
}

static int
no_answer(struct error *e, const char *why)
{
    error_set(e, ERROR_UNAVAILABLE, "mesherd gave no answer");
    return error_detail(e, "%s", why);
}

static int
read_all(int fd, int64_t timeout_ms, struct buf *out, struct error *e)
{
    for (;;) {
        char *at = buf_reserve(out, READ_BYTES);
        ssize_t got;

        if (at == NULL)
            return no_answer(e, "too much");
        if (io_wait(fd, POLLIN, timeout_ms) == 0)
            return no_answer(e, "not in time");
        got = io_read(fd, at, READ_BYTES);
        if (got < 0 && errno == EAGAIN)
            continue;
        if (got <= 0)
            return 0;
        out->n += (size_t)got;
    }
}

/* Takes the last line off out and returns its verdict. */
static int
take_verdict(struct buf *out, struct error *e)
{
    struct str all = buf_str(out);
    size_t begin = all.n;

    if (all.n == 0 || all.p[all.n - 1] != '\n')
        return no_answer(e, "it exited before it was done");
    for (begin--; begin > 0 && all.p[begin - 1] != '\n';)
        begin--;
    out->n = begin;
    all = (struct str){all.p + begin, all.n - begin - 1};
    if (str_eq(all, STR("ok")))
        return 0;
    if (!str_starts(all, STR("error ")))
        return no_answer(e, "invalid answer");
    error_set(e, ERROR_UNAVAILABLE, "mesherd refused");
    return error_detail(e, "%.*s", (int)(all.n - 6 > 200 ? 200 : all.n - 6), all.p + 6);
}

int
control_ask(const char *dir, const char *request, int64_t timeout_ms, struct buf *out,
            struct error *e)
{
    struct buf line = buf_init(CONTROL_LINE_BYTES);
    int fd = connect_to(dir, e), rc;

    if (fd < 0)
        return -1;
    buf_add_text(&line, request);
    buf_add_char(&line, '\n');
    if (line.failed)
        rc = no_answer(e, "the request is too long");
    else if (send(fd, line.data, line.n, MSG_NOSIGNAL) != (ssize_t)line.n &&
             errno != EPIPE) /* mesherd may have given a reason before it closed */
        rc = no_answer(e, strerror(errno));
    else
        rc = read_all(fd, timeout_ms, out, e);
    if (rc == 0)
        rc = take_verdict(out, e);
    buf_release(&line);
    (void)close(fd);
    return rc;
}

bool
control_next_row(struct str *rest, struct str cell[N_CONTROL_COLUMNS])
{
    struct str line = str_cut(rest, '\n');

    if (line.n == 0)
        return false;
    for (size_t i = 0; i < N_CONTROL_COLUMNS; i++) {
        cell[i] = str_cut(&line, '\t');
        if (cell[i].n == 0)
            cell[i] = STR_NONE;
    }
    return true;
}
