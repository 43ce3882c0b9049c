#include "front/cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "front/pace.h"

#define OUT_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define WRITE_MS 10000
#define READ_BYTES ((size_t)64 * 1024)

/* Of a body that nobody needs, this much is read, and only while it keeps arriving. */
#define DRAIN_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define IDLE_MS 1000

struct input {
    const struct request *rq;
    struct pace pace;
};

static ptrdiff_t
read_body(void *context, char *p, size_t n, struct error *e)
{
    struct input *in = context;
    bool known = in->rq->ingest.project > 0;
    int64_t left_ms = pace_deadline_ms(&in->pace, known) - clock_now_ms();
    ssize_t got;

    if (io_wait(STDIN_FILENO, POLLIN, left_ms < 0 ? 0 : left_ms) == 0)
        return pace_too_slow(e);
    got = io_read(STDIN_FILENO, p, n);
    if (got < 0)
        return error_set(e, ERROR_MALFORMED, "the body ended early");
    in->pace.bytes += (size_t)got;
    if (got > 0 && pace_check(&in->pace, known, clock_now_ms(), e) != 0)
        return -1;
    return got;
}

/* Apache's mod_cgid writes the body before it reads an answer, and sends the client no
 * answer if it could not: the unread body of a request that is refused without it is read
 * and discarded. */
static void
discard_body(int64_t deadline_ms)
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

/* The answer is complete.  The descriptor stays in use, so that no file opened later
 * becomes standard output. */
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

/* Apache sends SIGTERM as soon as the client has gone: an event being stored must be
 * finished. */
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
    struct request rq = {.method = HTTP_OTHER};
    struct input input = {.rq = &rq,
                          .pace = {.began_ms = began_ms, .timeout_ms = body_timeout_ms}};
    struct body_source body = {.read = read_body, .context = &input};
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
    discard_body(pace_deadline_ms(&input.pace, rq.ingest.project > 0));
    request_log(&rq, &a, &why, clock_now_ms() - began_ms);
    request_release(&rq);
    buf_release(&a.body);
    buf_release(&out);
    if (services->submit != NULL)
        submit_after_response(services->submit);
    return rc;
}

bool
cgi_has_request(void)
{
    static const char *const of_requests[] = {"GATEWAY_INTERFACE", "REQUEST_METHOD",
                                              "QUERY_STRING", "SERVER_PROTOCOL",
                                              "REMOTE_ADDR"};

    for (size_t i = 0; i < COUNT_OF(of_requests); i++)
        if (getenv(of_requests[i]) != NULL)
            return true;
    return false;
}

void
cgi_apologise(void)
{
    static const char sorry[] =
        "Status: 503 Service Unavailable\r\n"
        "Content-Type: application/json\r\n"
        "Access-Control-Allow-Origin: *\r\nRetry-After: 60\r\n\r\n"
        "{\"error\":\"the server is not set up\"}";

    /* If this cannot be written, there is nowhere to report it. */
    (void)!io_write_all(STDOUT_FILENO, sorry, sizeof sorry - 1,
                        clock_now_ms() + WRITE_MS);
    (void)close(STDOUT_FILENO);
    discard_body(clock_now_ms() + WRITE_MS);
}
