/*
 * ws_load HOST PORT KEY CONNECTIONS TOTAL WINDOW [EACH]: TOTAL events over WebSockets.
 *
 * Each of the CONNECTIONS sends without waiting until WINDOW events have no answer.  With
 * EACH a connection is closed after so many answers and another one is opened, until all
 * events are sent: that measures handshakes.  HOST is an IPv4 address; the file
 * BENCH_BODY is the event.  Says at the end in one line what came of it.  The time is
 * from when all connections are open to the last answer, with EACH from the first
 * connection to the last closing.
 *
 * A client of RFC 6455 as small as can be: one frame is made and sent again and again,
 * always with the same mask, which must not be where a proxy could be fooled.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BODY_MAX 65535U
#define IN_BYTES 65536U
#define CONNECTIONS_MAX 1024U
#define WINDOW_MAX 4096U
#define SILENCE_MS 20000

/* The example of RFC 6455, section 1.3. */
#define NONCE "dGhlIHNhbXBsZSBub25jZQ=="
#define NONCE_ANSWER "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const char usage[] =
    "usage: ws_load HOST PORT KEY CONNECTIONS TOTAL WINDOW [EACH]";
static const char accepted_start[] = "{\"status\":\"accepted\"";
static const unsigned char mask[4] = {0x4d, 0xa3, 0x17, 0xe9};

enum state { CLOSED, UPGRADING, OPEN, CLOSING };

struct connection {
    enum state state;
    size_t quota, answered; /* events */
    size_t sent;            /* bytes of frames */
    size_t n;               /* bytes in in[] */
    char in[IN_BYTES];
};

static struct sockaddr_in server;
static char request[1024];
static size_t count, total, window, each;
static bool turnover;          /* EACH was given */
static unsigned char *frames;  /* WINDOW times the same */
static size_t frame_n;         /* bytes of one */
static struct connection *all; /* COUNT of them, with their descriptors in fds */
static struct pollfd *fds;
static size_t left; /* events that no connection has taken */
static size_t upgraded, accepted, other;
static int64_t begin_us, end_us;

static int64_t
now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
die(const char *what)
{
    (void)fprintf(stderr, "ws_load: %s\n", what);
    exit(EXIT_FAILURE); /* NOLINT(concurrency-mt-unsafe) */
}

static size_t
number(const char *text, size_t max)
{
    char *stop;
    unsigned long n = strtoul(text, &stop, 10);

    if (*text == '\0' || *stop != '\0' || n == 0 || n > max)
        die(usage);
    return n;
}

/* A masked text frame, WINDOW times, so that many go out with one call. */
static void
make_frames(void)
{
    static unsigned char body[BODY_MAX + 1];
    const char *path = getenv("BENCH_BODY"); /* NOLINT(concurrency-mt-unsafe) */
    FILE *f = path == NULL ? NULL : fopen(path, "rbe");
    size_t n = f == NULL ? 0 : fread(body, 1, sizeof body, f), head = n < 126 ? 2 : 4;

    if (n == 0 || n > BODY_MAX)
        die("BENCH_BODY is no file of 1 to 65535 bytes");
    (void)fclose(f);
    frame_n = head + sizeof mask + n;
    frames = malloc(window * frame_n);
    if (frames == NULL)
        die("out of memory");
    frames[0] = 0x81;
    frames[1] = (unsigned char)(0x80U | (n < 126 ? n : 126));
    if (n >= 126) {
        frames[2] = (unsigned char)(n >> 8U);
        frames[3] = (unsigned char)n;
    }
    memcpy(frames + head, mask, sizeof mask);
    for (size_t i = 0; i < n; i++)
        frames[head + sizeof mask + i] = body[i] ^ mask[i % sizeof mask];
    for (size_t i = 1; i < window; i++)
        memcpy(frames + i * frame_n, frames, frame_n);
}

/* Takes events for another connection, if there are any, and begins it. */
static void
open_next(size_t i)
{
    struct connection *c = &all[i];
    int on = 1;

    fds[i].fd = -1;
    c->state = CLOSED;
    if (left == 0)
        return;
    c->quota = left < each ? left : each;
    left -= c->quota;
    c->answered = c->sent = c->n = 0;
    fds[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fds[i].fd < 0 ||
        connect(fds[i].fd, (struct sockaddr *)&server, sizeof server) != 0 ||
        setsockopt(fds[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        send(fds[i].fd, request, strlen(request), MSG_NOSIGNAL) !=
            (ssize_t)strlen(request) ||
        fcntl(fds[i].fd, F_SETFL, O_NONBLOCK) != 0)
        die("cannot connect");
    c->state = UPGRADING;
}

/* It is gone; the events that it took and that have no answer are lost. */
static void
end(size_t i)
{
    (void)close(fds[i].fd);
    if (turnover)
        end_us = now_us();
    open_next(i);
}

/* May this one send?  Without EACH all start together. */
static size_t
sendable(const struct connection *c)
{
    size_t most = c->answered + window < c->quota ? c->answered + window : c->quota;

    if (c->state != OPEN || (!turnover && begin_us == 0))
        return 0;
    return most * frame_n - c->sent;
}

static void
send_more(size_t i)
{
    struct connection *c = &all[i];
    size_t n;

    while ((n = sendable(c)) > 0) {
        size_t at = c->sent % frame_n;
        ssize_t put;

        n = n < window * frame_n - at ? n : window * frame_n - at;
        put = send(fds[i].fd, frames + at, n, MSG_NOSIGNAL);
        if (put < 0 && errno == EAGAIN)
            return;
        if (put < 0) {
            end(i);
            return;
        }
        c->sent += (size_t)put;
    }
}

/* All answers are there: the closing handshake begins. */
static void
say_goodbye(size_t i)
{
    unsigned char goodbye[8] = {0x88,    0x82,    mask[0],        mask[1],
                                mask[2], mask[3], mask[0] ^ 0x03, mask[1] ^ 0xe8};

    if (!turnover)
        end_us = now_us();
    all[i].state = CLOSING;
    (void)!send(fds[i].fd, goodbye, sizeof goodbye, MSG_NOSIGNAL);
}

/* The bytes of the answer to the upgrade that are at the start of c->in; 0: not all are
 * there; SIZE_MAX: it is a refusal. */
static size_t
take_upgrade(struct connection *c)
{
    const char *stop;

    c->in[c->n] = '\0'; /* receive() leaves room for it */
    stop = strstr(c->in, "\r\n\r\n");
    if (stop == NULL)
        return 0;
    if (strncmp(c->in, "HTTP/1.1 101 ", 13) != 0 || strstr(c->in, NONCE_ANSWER) == NULL) {
        (void)fprintf(stderr, "ws_load: %.*s\n", (int)strcspn(c->in, "\r"), c->in);
        return SIZE_MAX;
    }
    c->state = OPEN;
    upgraded++;
    if (begin_us == 0 && !turnover && upgraded == count)
        begin_us = now_us();
    return (size_t)(stop - c->in) + 4;
}

/* The same for a frame; SIZE_MAX: it closes the connection. */
static size_t
take_frame(struct connection *c, const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t head = 2, length;

    if (n < 4)
        return n >= 2 && (u[0] & 0x0fU) == 0x08 ? SIZE_MAX : 0;
    length = u[1];
    if ((u[0] & 0x0fU) == 0x08 || length > 126) /* nothing that is so long is expected */
        return SIZE_MAX;
    if (length == 126) {
        head = 4;
        length = (size_t)u[2] << 8U | u[3];
    }
    if (n < head + length)
        return 0;
    if (u[0] == 0x81) {
        bool good = length >= sizeof accepted_start &&
                    memcmp(p + head, accepted_start, sizeof accepted_start - 1) == 0;

        accepted += good;
        other += !good;
        c->answered++;
    }
    return head + length;
}

static void
receive(size_t i)
{
    struct connection *c = &all[i];
    ssize_t got = recv(fds[i].fd, c->in + c->n, IN_BYTES - 1 - c->n, 0);
    size_t at = 0, n = 0;

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        end(i);
        return;
    }
    c->n += (size_t)got;
    do {
        at += n;
        n = c->state == UPGRADING ? take_upgrade(c)
                                  : take_frame(c, c->in + at, c->n - at);
    } while (n != 0 && n != SIZE_MAX);
    if (n == SIZE_MAX) {
        end(i);
        return;
    }
    memmove(c->in, c->in + at, c->n - at);
    c->n -= at;
    if (c->state == OPEN && c->answered == c->quota)
        say_goodbye(i);
}

static void
run(void)
{
    begin_us = turnover ? now_us() : 0;
    for (size_t i = 0; i < count; i++)
        open_next(i);
    for (;;) {
        size_t alive = 0;

        for (size_t i = 0; i < count; i++) {
            fds[i].events = (short)(POLLIN | (sendable(&all[i]) > 0 ? POLLOUT : 0));
            alive += all[i].state != CLOSED;
        }
        if (alive == 0 || poll(fds, count, SILENCE_MS) <= 0)
            return;
        for (size_t i = 0; i < count; i++) {
            if (fds[i].revents == 0)
                continue;
            if ((fds[i].revents & ~POLLOUT) != 0)
                receive(i);
            send_more(i);
        }
    }
}

int
main(int argc, char *argv[])
{
    if (argc != 7 && argc != 8)
        die(usage);
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)number(argv[2], UINT16_MAX));
    count = number(argv[4], CONNECTIONS_MAX);
    left = total = number(argv[5], SIZE_MAX / 2);
    window = number(argv[6], WINDOW_MAX);
    turnover = argc == 8;
    each = turnover ? number(argv[7], SIZE_MAX / 2) : (total + count - 1) / count;
    if (!turnover) /* those that get any */
        count = (total + each - 1) / each;
    if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        die("HOST is no IPv4 address");
    if (snprintf(request, sizeof request,
                 "GET / HTTP/1.1\r\nHost: %s:%s\r\nConnection: Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: " NONCE "\r\nX-Sentry-Auth: %s\r\n\r\n",
                 argv[1], argv[2], argv[3]) >= (int)sizeof request)
        die("the key is too long");
    all = calloc(count, sizeof *all);
    fds = calloc(count, sizeof *fds);
    if (all == NULL || fds == NULL)
        die("out of memory");
    make_frames();
    run();
    (void)printf("RESULT {\"accepted\":%zu,\"other\":%zu,\"lost\":%zu,\"us\":%lld,"
                 "\"connections\":%zu,\"rate\":%.0f}\n",
                 accepted, other, total - accepted - other,
                 (long long)(end_us - begin_us), upgraded,
                 end_us > begin_us ? (double)accepted * 1e6 / (double)(end_us - begin_us)
                                   : 0.0);
    free(frames);
    free(all);
    free(fds);
    return EXIT_SUCCESS;
}
