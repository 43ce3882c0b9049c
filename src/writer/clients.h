/*
 * clients: the writer's socket, its connections, whole frames in and out.
 *
 * One epoll set holds everything that the writer waits for besides PostgreSQL, so that
 * one descriptor can be watched while a batch commits.  A connection that sends nonsense
 * is closed; the others do not notice.  A client that went away stays as an object until
 * the last submission of it has got its verdict: what was submitted is stored anyway.
 */
#ifndef MESHER_WRITER_CLIENTS_H
#define MESHER_WRITER_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "wire/frame.h"

struct clients;
struct client;

/* Called for each whole frame; the frame's body is good during the call only.  -1 with e
 * disconnects the client. */
typedef int clients_on_frame(void *context, struct client *from, const struct frame *f,
                             struct error *e);

/* Takes a listening socket (closed by clients_free) and a signal descriptor (kept; -1:
 * none); serves at most max connections.  Gives it for clients_free(), or NULL with
 * ERROR_SYSTEM. */
struct clients *clients_new(int listen_fd, int signal_fd, size_t max,
                            clients_on_frame *on_frame, void *context,
                            struct error *e) MUST_CHECK;

/* Closes every connection and frees c; NULL is allowed. */
void clients_free(struct clients *c);

/* The epoll descriptor: readable when clients_serve() has something to do. */
int clients_fd(const struct clients *c) MUST_CHECK;

/* Accepts, reads and writes what there is; waits up to timeout_ms for the first (-1: for
 * ever). True when a signal is waiting on signal_fd. */
bool clients_serve(struct clients *c, int timeout_ms) MUST_CHECK;

/* No new connections, no further frames; answers are still written. */
void clients_stop(struct clients *c);

/* What a client is to be sent: append whole frames, then clients_flush().  A buf of a
 * client that is gone takes them too and forgets them. */
struct buf *client_out(struct client *k) MUST_CHECK;
void client_flush(struct client *k);

/* Keeps k until client_release(), whatever happens to the connection. */
void client_hold(struct client *k);
void client_release(struct client *k);

/* Counts k as a long-lived connection of project from now on, unless max_project of it or
 * max_all in all are there already and force is false. */
enum frame_attached client_attach(struct client *k, int64_t project, size_t max_project,
                                  size_t max_all, bool force) MUST_CHECK;

/* Waits until every answer is written or deadline_ms (clock_now_ms()) has come. */
void clients_drain(struct clients *c, int64_t deadline_ms);

#endif
