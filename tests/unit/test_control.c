#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "super/control.h"
#include "super/control_ask.h"
#include "unit.h"

static struct control c;
static char last[CONTROL_LINE_BYTES];
static int set;

static enum control_verdict
on_request(void *context, struct str request, struct buf *out, struct error *e)
{
    (void)context;
    (void)snprintf(last, sizeof last, "%.*s", request.n < 200 ? (int)request.n : 200,
                   request.p);
    if (str_eq(request, STR("two"))) {
        buf_add_text(out, "1\n2\n");
        return CONTROL_DONE;
    }
    if (str_eq(request, STR("later")))
        return CONTROL_LATER;
    error_set(e, ERROR_MALFORMED, "no");
    error_detail(e, "never");
    return CONTROL_REFUSED;
}

static void
open_it(void)
{
    struct error e;

    set = watch_open(&e);
    UNIT(set >= 0);
    UNIT_EQ(control_open(&c, unit_dir(), set, on_request, NULL, &e), 0);
}

static void
close_it(void)
{
    control_close(&c, unit_dir());
    (void)close(set);
}

static int
connect_to(void)
{
    char path[300];

    (void)snprintf(path, sizeof path, "%s/" CONTROL_SOCKET, unit_dir());
    return io_unix_connect(path);
}

/* Sends bytes as they are, serves, and gives what came back. */
static const char *
say(int fd, const char *bytes)
{
    static char text[4096];
    ssize_t got;

    UNIT_EQ(io_write_all(fd, bytes, strlen(bytes), clock_now_ms() + 1000), 0);
    for (int i = 0; i < 3; i++)
        watch_serve(set, 0);
    got = io_read(fd, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void
a_line_gets_its_answer_and_the_connection_ends(void)
{
    char path[300], byte;
    struct stat st;
    int fd;

    open_it();
    (void)snprintf(path, sizeof path, "%s/" CONTROL_SOCKET, unit_dir());
    UNIT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    fd = connect_to();
    UNIT(strcmp(say(fd, "two\n"), "1\n2\nok\n") == 0 && strcmp(last, "two") == 0);
    UNIT(io_read(fd, &byte, 1) == 0 && close(fd) == 0);
    fd = connect_to();
    UNIT_STR(str_of(say(fd, "what\n")), "error no: never\n");
    UNIT_EQ(close(fd), 0);
    fd = connect_to();
    UNIT(strcmp(say(fd, "tw"), "") == 0 && strcmp(say(fd, "o\n"), "1\n2\nok\n") == 0);
    UNIT_EQ(close(fd), 0);
    close_it();
    UNIT(stat(path, &st) != 0);
}

static void
what_takes_long_is_answered_at_its_end(void)
{
    struct error e;
    char text[100] = "";
    int fd, other;

    open_it();
    fd = connect_to();
    other = connect_to();
    UNIT(!control_is_waited_for(&c));
    UNIT(strcmp(say(fd, "later\n"), "") == 0 && control_is_waited_for(&c));
    UNIT_STR(str_of(say(other, "two\n")), "1\n2\nok\n"); /* others go on */
    control_finish(&c, NULL);
    UNIT(io_read(fd, text, sizeof text) == 3 && strcmp(text, "ok\n") == 0);
    UNIT(!control_is_waited_for(&c));
    (void)close(fd);
    (void)close(other);
    fd = connect_to();
    UNIT_STR(str_of(say(fd, "later\n")), "");
    error_set(&e, ERROR_SYSTEM, "it failed");
    control_finish(&c, &e);
    (void)memset(text, 0, sizeof text);
    UNIT(io_read(fd, text, sizeof text - 1) > 0 &&
         strcmp(text, "error it failed\n") == 0);
    (void)close(fd);
    close_it();
}

static void
lines_and_connections_are_bounded(void)
{
    char line[CONTROL_LINE_BYTES + 2];
    int fd[CONTROL_CONNECTIONS + 1];

    open_it();
    for (size_t n = CONTROL_LINE_BYTES - 2; n <= CONTROL_LINE_BYTES; n++) {
        int one = connect_to();

        (void)memset(line, 'x', sizeof line);
        (void)snprintf(line + n, 2, "\n");
        UNIT_EQ((strcmp(say(one, line), "error no: never\n") == 0),
                (n < CONTROL_LINE_BYTES));
        (void)close(one);
    }
    for (size_t i = 0; i < COUNT_OF(fd); i++) {
        fd[i] = connect_to();
        watch_serve(set, 0);
    }
    for (size_t i = 0; i < COUNT_OF(fd); i++) {
        char byte;
        bool open = io_read(fd[i], &byte, 1) < 0; /* EAGAIN */

        UNIT_EQ_AT(__LINE__ + (int)i * 1000, open, (i < CONTROL_CONNECTIONS));
        (void)close(fd[i]);
    }
    watch_serve(set, 0); /* their ends */
    fd[0] = connect_to();
    UNIT_STR(str_of(say(fd[0], "two\n")), "1\n2\nok\n");
    (void)close(fd[0]);
    close_it();
}

static void
nobody_there_is_said_so(void)
{
    struct buf out = buf_init(1000);
    struct error e;

    UNIT_EQ(control_ask(unit_dir(), "status", 100, &out, &e), -1);
    UNIT_EQ(e.kind, ERROR_NOT_FOUND);
    UNIT_EQ(control_ask("/nowhere", "status", 100, &out, &e), -1);
    UNIT_EQ(e.kind, ERROR_NOT_FOUND);
    open_it(); /* nobody serves it: the answer does not come */
    UNIT_EQ(control_ask(unit_dir(), "status", 10, &out, &e), -1);
    UNIT_EQ(e.kind, ERROR_UNAVAILABLE);
    close_it();
    buf_release(&out);
}

static const struct unit_test tests[] = {
    {"a_line_gets_its_answer_and_the_connection_ends",
     a_line_gets_its_answer_and_the_connection_ends},
    {"what_takes_long_is_answered_at_its_end", what_takes_long_is_answered_at_its_end},
    {"lines_and_connections_are_bounded", lines_and_connections_are_bounded},
    {"nobody_there_is_said_so", nobody_there_is_said_so},
};

const struct unit_suite suite_control = {"control", tests, COUNT_OF(tests)};
