/*
 * closing: answered connections that wait for their peer to close them.
 *
 * If the server closes a connection while the peer still sends, or with unread data, the
 * peer may lose the answer.  So only the writing side is shut down, and the connection is
 * kept during the next requests, for at most CLOSING_MS; data that arrives meanwhile is
 * read and discarded.
 */
#ifndef MESHER_FRONT_CLOSING_H
#define MESHER_FRONT_CLOSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"

#define CLOSING_MS 2000
#define CLOSING_MAX 64U

struct closing {
    struct {
        int fd;
        int64_t until_ms;
    } at[CLOSING_MAX];

    size_t count;
};

/* Takes over fd (-1: does nothing) and shuts down its writing side; closes the oldest one
 * when there are too many. */
void closing_add(struct closing *l, int fd, int64_t now_ms);

/* Closes the connections whose peer has closed or whose time is up. */
void closing_sweep(struct closing *l, int64_t now_ms);

/* Closes all. */
void closing_close(struct closing *l);

#endif
