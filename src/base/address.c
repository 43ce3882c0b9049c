#include "base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/num.h"

#define UNIX_PATH_BYTES 107
#define ANSWER_MS 20

struct place {
    struct sockaddr_storage at;
    socklen_t n;
};

static int
parse_port(const char *text, in_port_t *out)
{
    int64_t port;

    if (num_parse(str_of(text), 1, 65535, &port) != 0)
        return -1;
    *out = htons((uint16_t)port);
    return 0;
}

static int
parse_ip(const char *text, struct place *out)
{
    char host[INET6_ADDRSTRLEN + 1];
    const char *colon = strrchr(text, ':');
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    size_t n = colon == NULL ? 0 : (size_t)(colon - text);

    if (n < 2 || n >= sizeof host)
        return -1;
    (void)memcpy(host, text, n);
    host[n] = '\0';
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1)
            return -1;
        out->n = sizeof v6;
        if (parse_port(colon + 1, &v6.sin6_port) != 0)
            return -1;
        (void)memcpy(&out->at, &v6, sizeof v6);
        return 0;
    }
    if (inet_pton(AF_INET, host, &v4.sin_addr) != 1 ||
        parse_port(colon + 1, &v4.sin_port) != 0)
        return -1;
    out->n = sizeof v4;
    (void)memcpy(&out->at, &v4, sizeof v4);
    return 0;
}

bool
address_is_valid(const char *text)
{
    struct place ignored;

    if (text[0] == '/')
        return text[1] != '\0' && strlen(text) <= UNIX_PATH_BYTES;
    return parse_ip(text, &ignored) == 0;
}

bool
address_is_ip(struct str text)
{
    char copy[INET6_ADDRSTRLEN + 1];
    struct in6_addr v6;
    struct in_addr v4;

    if (text.n == 0 || text.n >= sizeof copy || memchr(text.p, '\0', text.n) != NULL)
        return false;
    str_copy(text, copy, sizeof copy);
    return inet_pton(AF_INET, copy, &v4) == 1 || inet_pton(AF_INET6, copy, &v6) == 1;
}

int
address_listen(const char *text, unsigned mode, int backlog, struct error *e)
{
    struct place p = {.n = 0};
    int on = 1, fd, saved;

    if (text[0] == '/')
        return io_unix_listen(text, mode, backlog, e);
    CHECK(parse_ip(text, &p) == 0);
    fd = socket(p.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&p.at, p.n) == 0 && listen(fd, backlog) == 0)
        return fd;
    saved = errno;
    (void)error_errno(e, text);
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    return -1;
}

static bool
ip_answers(const char *text)
{
    struct place p = {.n = 0};
    socklen_t n = sizeof(int);
    int fd, rc, failed = 0;

    CHECK(parse_ip(text, &p) == 0);
    fd = socket(p.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    rc = connect(fd, (const struct sockaddr *)&p.at, p.n);
    if (rc != 0 && errno == EINPROGRESS && io_wait(fd, POLLOUT, ANSWER_MS) > 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &n) == 0)
        rc = failed == 0 ? 0 : -1;
    (void)close(fd);
    return rc == 0;
}

bool
address_answers(const char *text)
{
    int fd;

    if (text[0] != '/')
        return ip_answers(text);
    fd = io_unix_connect(text);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}
