#include "front/closing.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_BYTES 16384U

/* How much of one connection is discarded at a time: others wait. */
#define PIECES 16

/* Reads the available data.  Returns whether the peer has closed. */
static bool
is_over(int fd)
{
    static char piece[PIECE_BYTES];

    for (int i = 0; i < PIECES; i++) {
        ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return true;
        if (n < 0)
            return false;
    }
    return false;
}

static void
drop(struct closing *l, size_t i)
{
    (void)close(l->at[i].fd);
    l->count--;
    (void)memmove(&l->at[i], &l->at[i + 1], (l->count - i) * sizeof l->at[0]);
}

void
closing_add(struct closing *l, int fd, int64_t now_ms)
{
    if (fd < 0)
        return;
    if (shutdown(fd, SHUT_WR) != 0 || is_over(fd)) {
        (void)close(fd);
        return;
    }
    if (l->count == CLOSING_MAX)
        drop(l, 0);
    l->at[l->count].fd = fd;
    l->at[l->count].until_ms = now_ms + CLOSING_MS;
    l->count++;
}

void
closing_sweep(struct closing *l, int64_t now_ms)
{
    for (size_t i = 0; i < l->count;) {
        if (now_ms >= l->at[i].until_ms || is_over(l->at[i].fd))
            drop(l, i);
        else
            i++;
    }
}

void
closing_close(struct closing *l)
{
    while (l->count > 0)
        drop(l, l->count - 1);
}
