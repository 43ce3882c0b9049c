#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "front/closing.h"
#include "unit.h"

static void
pair(int fd[2])
{
    UNIT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
}

/* Is the other end closed for reading by us, or altogether?  Writing tells. */
static bool
takes(int fd)
{
    return send(fd, "x", 1, MSG_NOSIGNAL) == 1;
}

static void
the_peer_reads_the_answer_and_may_still_send(void)
{
    struct closing l = {.count = 0};
    char got[8] = "";
    int fd[2];

    pair(fd);
    UNIT_EQ(send(fd[0], "answer", 6, 0), 6);
    closing_add(&l, fd[0], 100);
    UNIT(l.count == 1 && takes(fd[1]));
    UNIT(recv(fd[1], got, sizeof got, 0) == 6 && strcmp(got, "answer") == 0);
    UNIT_EQ(recv(fd[1], got, sizeof got, 0), 0);
    closing_sweep(&l, 100 + CLOSING_MS - 1);
    UNIT(l.count == 1 && takes(fd[1]));
    closing_sweep(&l, 100 + CLOSING_MS);
    UNIT(l.count == 0 && !takes(fd[1]));
    (void)close(fd[1]);
}

static void
it_is_closed_when_the_peer_has_closed(void)
{
    struct closing l = {.count = 0};
    int fd[2];

    pair(fd);
    closing_add(&l, fd[0], 0);
    UNIT_EQ(l.count, 1);
    (void)close(fd[1]);
    closing_sweep(&l, 1);
    UNIT_EQ(l.count, 0);
    pair(fd);
    (void)close(fd[1]);
    closing_add(&l, fd[0], 0);
    UNIT_EQ(l.count, 0);
    closing_add(&l, -1, 0);
    UNIT_EQ(l.count, 0);
}

static void
there_are_never_more_than_the_limit(void)
{
    struct closing l = {.count = 0};
    int peer[CLOSING_MAX + 1];

    for (unsigned i = 0; i < CLOSING_MAX + 1; i++) {
        int fd[2];

        UNIT_EQ(l.count, i);
        pair(fd);
        peer[i] = fd[1];
        closing_add(&l, fd[0], i);
    }
    UNIT(l.count == CLOSING_MAX && !takes(peer[0]) && takes(peer[1]));
    closing_close(&l);
    UNIT(l.count == 0 && !takes(peer[CLOSING_MAX]));
    for (unsigned i = 0; i < CLOSING_MAX + 1; i++)
        (void)close(peer[i]);
}

static const struct unit_test tests[] = {
    {"the_peer_reads_the_answer_and_may_still_send",
     the_peer_reads_the_answer_and_may_still_send},
    {"it_is_closed_when_the_peer_has_closed", it_is_closed_when_the_peer_has_closed},
    {"there_are_never_more_than_the_limit", there_are_never_more_than_the_limit},
};

const struct unit_suite suite_closing = {"closing", tests, COUNT_OF(tests)};
