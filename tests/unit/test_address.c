#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "unit.h"

static void
paths_and_numeric_addresses_are_valid(void)
{
    char longest[110];

    static const struct {
        int line;
        bool valid;
        const char *text;
    } rows[] = {
        {__LINE__, true, "/s"},
        {__LINE__, true, "/run/mesher/fcgi.sock"},
        {__LINE__, true, "127.0.0.1:1"},
        {__LINE__, true, "127.0.0.1:65535"},
        {__LINE__, true, "0.0.0.0:9000"},
        {__LINE__, true, "[::1]:9000"},
        {__LINE__, false, ""},
        {__LINE__, false, "/"},
        {__LINE__, false, "run/s"},
        {__LINE__, false, "localhost:9000"},
        {__LINE__, false, "127.0.0.1"},
        {__LINE__, false, "127.0.0.1:"},
        {__LINE__, false, "127.0.0.1:0"},
        {__LINE__, false, "127.0.0.1:65536"},
        {__LINE__, false, "127.0.0.1:80x"},
        {__LINE__, false, "256.0.0.1:80"},
        {__LINE__, false, ":80"},
        {__LINE__, false, "::1:80"},
        {__LINE__, false, "[::1]"},
        {__LINE__, false, "[::1:80"},
        {__LINE__, false, "[]:80"},
        {__LINE__, false, "1111111111111111111111111111111111111111111111111:80"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        UNIT_EQ_AT(rows[i].line, address_is_valid(rows[i].text), rows[i].valid);
    for (size_t n = 106; n <= 108; n++) {
        (void)memset(longest, 'x', sizeof longest);
        longest[0] = '/';
        longest[n] = '\0';
        UNIT_EQ(address_is_valid(longest), (n <= 107));
    }
}

static void
a_path_is_listened_on_with_its_mode(void)
{
    char path[300];
    struct stat st;
    struct error e;
    int fd;

    (void)snprintf(path, sizeof path, "%s/s", unit_dir());
    UNIT(!address_answers(path));
    fd = address_listen(path, 0620, 5, &e);
    UNIT(fd >= 0 && stat(path, &st) == 0 && (st.st_mode & 0777) == 0620);
    UNIT(address_answers(path));
    UNIT(address_listen(path, 0620, 5, &e) == -1 && errno == EADDRINUSE);
    UNIT_EQ(e.kind, ERROR_SYSTEM);
    UNIT(close(fd) == 0 && !address_answers(path));
}

static void
a_port_is_listened_on(void)
{
    struct sockaddr_in at;
    socklen_t n = sizeof at;
    char text[40];
    struct error e;
    int fd = socket(AF_INET, SOCK_STREAM, 0), again;

    /* The kernel chooses a port; it is free when that socket is closed. */
    at =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    UNIT_EQ(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    UNIT(getsockname(fd, (struct sockaddr *)&at, &n) == 0 && close(fd) == 0);
    (void)snprintf(text, sizeof text, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
    UNIT(!address_answers(text));
    fd = address_listen(text, 0, 5, &e);
    UNIT(fd >= 0 && address_answers(text));
    again = address_listen(text, 0, 5, &e);
    UNIT(again == -1 && errno == EADDRINUSE && strstr(e.detail, text) != NULL);
    UNIT(close(fd) == 0 && !address_answers(text));
}

static void
an_ip_address_is_nothing_else(void)
{
    static const char *const good[] = {"1.2.3.4", "::1", "2001:db8::1", "::ffff:1.2.3.4"};
    static const char *const bad[] = {"",
                                      "[::1]:59427",
                                      "1.2.3.4:80",
                                      "1.2.3",
                                      "localhost",
                                      "Unavailable",
                                      "[::1]",
                                      "1.2.3.4 ",
                                      "fe80::1%eth0",
                                      "0x7f.0.0.1",
                                      "1111:2222:3333:4444:5555:6666:123.123.123.1234"};

    for (size_t i = 0; i < COUNT_OF(good); i++)
        UNIT(address_is_ip(unit_exact(str_of(good[i]))));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        UNIT(!address_is_ip(unit_exact(str_of(bad[i]))));
}

static const struct unit_test tests[] = {
    {"an_ip_address_is_nothing_else", an_ip_address_is_nothing_else},
    {"paths_and_numeric_addresses_are_valid", paths_and_numeric_addresses_are_valid},
    {"a_path_is_listened_on_with_its_mode", a_path_is_listened_on_with_its_mode},
    {"a_port_is_listened_on", a_port_is_listened_on},
};

const struct unit_suite suite_address = {"address", tests, COUNT_OF(tests)};
