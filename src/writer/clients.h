/*
 * clients: the writer's socket and connections; reads and writes whole frames.
 *
 * One epoll set holds everything that the writer waits for besides PostgreSQL, so that
 * one descriptor can be watched while a batch commits.  A connection that sends an
 * invalid frame is closed; the others are not affected.  The object of a disconnected
 * client remains until its last submission has got a verdict: submitted events are stored
 * regardless.
 */
#ifndef MESHER_WRITER_CLIENTS_H
#define MESHER_WRITER_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compat.h"
#include "base/error.h"
#include "base/peer.h"
#include "wire/frame.h"

struct clients;
struct client;

/* Called for each whole frame, which is valid only during the call.  Returning -1 with e
 * disconnects the client. */
typedef int clients_on_frame(void *context, struct client *from, const struct frame *f,
                             struct error *e);

/* Creates a server on a listening socket (closed by clients_free) with a signal
 * descriptor (kept; -1: none); serves at most max connections.  Returns an object to be
 * freed with clients_free(), or NULL with ERROR_SYSTEM. */
struct clients *clients_new(int listen_fd, int signal_fd, size_t max,
                            clients_on_frame *on_frame, void *context,
                            struct error *e) MUST_CHECK;

/* Restricts connections to root, our own user and these users (kept; without this call:
 * none of the latter).  Others are disconnected at once, and logged. */
void clients_set_peers(struct clients *c, const struct peers *allowed);

/* Closes every connection and frees c, which may be NULL. */
void clients_free(struct clients *c);

/* Returns the epoll descriptor: readable when clients_serve() has work. */
int clients_fd(const struct clients *c) MUST_CHECK;

/* Accepts, reads and writes all that is ready; waits up to timeout_ms for the first event
 * (-1: no limit).  Returns true when a signal is pending on signal_fd. */
bool clients_serve(struct clients *c, int timeout_ms) MUST_CHECK;

/* Stops accepting connections and reading frames; answers are still written. */
void clients_stop(struct clients *c);

/* Returns the output of a client: append whole frames, then call clients_flush().  The
 * buf of a disconnected client accepts them too and discards them. */
struct buf *client_out(struct client *k) MUST_CHECK;
void client_flush(struct client *k);

/* Keeps k until client_release(), even if the connection ends. */
void client_hold(struct client *k);
void client_release(struct client *k);

/* Counts k as a long-lived connection of project, unless project already has max_project
 * or there are max_all in all, and force is false. */
enum frame_attached client_attach(struct client *k, int64_t project, size_t max_project,
                                  size_t max_all, bool force) MUST_CHECK;

/* Waits until every answer is written or deadline_ms (clock_now_ms()) has come. */
void clients_drain(struct clients *c, int64_t deadline_ms);

#endif
