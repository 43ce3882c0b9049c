#include "front/cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#define OUT_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define WRITE_MS 10000
#define READ_BYTES ((size_t)64 * 1024)

/* What is taken of a body that nobody wants: so much, and while it comes. */
#define DRAIN_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define IDLE_MS 1000

struct input {
    int64_t deadline_ms;
};

static ptrdiff_t
read_body(void *context, char *p, size_t n, struct error *e)
{
    const struct input *in = context;
    int64_t left_ms = in->deadline_ms - clock_now_ms();
    ssize_t got;

    if (io_wait(STDIN_FILENO, POLLIN, left_ms < 0 ? 0 : left_ms) == 0)
        return error_set(e, ERROR_TIMEOUT, "the body did not come in time");
    got = io_read(STDIN_FILENO, p, n);
    if (got < 0)
        return error_set(e, ERROR_MALFORMED, "the body ended early");
    return got;
}

/* Apache's mod_cgid writes the body before it reads an answer, and gives the client none
 * when it could not: what was not read, of a request that is refused without it, is taken
 * and forgotten. */
static void
drain(int64_t deadline_ms)
{
    static char bytes[READ_BYTES];
    size_t taken = 0;

    while (taken < DRAIN_MAX_BYTES) {
        int64_t left_ms = deadline_ms - clock_now_ms();
        ssize_t got;

        if (left_ms <= 0 ||
            io_wait(STDIN_FILENO, POLLIN, left_ms < IDLE_MS ? left_ms : IDLE_MS) <= 0)
            return;
        got = io_read(STDIN_FILENO, bytes, sizeof bytes);
        if (got <= 0)
            return;
        taken += (size_t)got;
    }
}

/* All of it is said.  The descriptor stays taken: no file that is opened later may be
 * standard output. */
static void
end_output(void)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        (void)close(STDOUT_FILENO);
        return;
    }
    (void)dup2(fd, STDOUT_FILENO);
    (void)close(fd);
}

/* Apache sends SIGTERM as soon as the client has gone: what is being stored then, is
 * stored. */
static int
block_signals(struct error *e)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return error_errno(e, "signals");
    return 0;
}

int
cgi_serve(const struct route_services *services, int64_t body_timeout_ms, struct error *e)
{
    int64_t began_ms = clock_now_ms();
    struct input input = {.deadline_ms = began_ms + body_timeout_ms};
    struct body_source body = {.read = read_body, .context = &input};
    struct request rq = {.method = HTTP_OTHER};
    struct answer a = {.body = buf_init(OUT_MAX_BYTES)};
    struct buf out = buf_init(OUT_MAX_BYTES * 2);
    struct error why;
    int rc;

    if (block_signals(e) != 0)
        return -1;
    request_read(&rq, environ, &body);
    route_answer(services, &rq, &a, &why);
    request_format(&rq, &a, &out);
    rc = io_write_all(STDOUT_FILENO, out.data, out.n, clock_now_ms() + WRITE_MS);
    if (rc != 0)
        error_errno(e, "answer");
    end_output();
    drain(input.deadline_ms);
    request_log(&rq, &a, &why, clock_now_ms() - began_ms);
    request_release(&rq);
    buf_release(&a.body);
    buf_release(&out);
    if (services->submit != NULL)
        submit_finish(services->submit);
    return rc;
}

bool
cgi_has_request(void)
{
    return getenv("GATEWAY_INTERFACE") != NULL && getenv("REQUEST_METHOD") != NULL;
}

void
cgi_apologise(void)
{
    static const char sorry[] =
        "Status: 503 Service Unavailable\r\n"
        "Content-Type: application/json\r\n"
        "Access-Control-Allow-Origin: *\r\nRetry-After: 60\r\n\r\n"
        "{\"error\":\"the server is not set up\"}";

    /* Nobody is left to tell when this cannot be written. */
    (void)!io_write_all(STDOUT_FILENO, sorry, sizeof sorry - 1,
                        clock_now_ms() + WRITE_MS);
    (void)close(STDOUT_FILENO);
    drain(clock_now_ms() + WRITE_MS);
}
