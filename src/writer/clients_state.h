/*
 * clients_state: the structs of clients and a client; for clients.c and its test only.
 */
#ifndef MESHER_WRITER_CLIENTS_STATE_H
#define MESHER_WRITER_CLIENTS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "writer/clients.h"

enum client_state {
    CLIENT_OPEN,   /* reads frames, writes answers */
    CLIENT_ENDING, /* accepts no more answers: shut down, read to its end */
    CLIENT_GONE    /* closed; kept until the last client_release() */
};

struct client {
    enum client_state state;
    struct clients *all;
    struct client *next, *previous; /* of those that are not gone */
    struct buf in, out;             /* out: empty unless OPEN */
    size_t holds;
    int64_t attached; /* the project that counts it; 0: none */
    int fd;           /* -1: gone */
    uint32_t watched;
};

struct clients {
    clients_on_frame *on_frame;
    void *context;
    struct client *first;
    size_t count, max;
    int epoll_fd, listen_fd, signal_fd;
    bool accepting, stopped;
    int64_t accept_again_ms;
    const struct peers *peers;
};

/* Checks the invariants of c.  Constant time: does not look at the clients. */
bool clients_are_sane(const struct clients *c) MUST_CHECK;

/* Checks that k's state and members agree, between two iterations of the loop. */
bool client_is_sane(const struct client *k) MUST_CHECK;

#endif
