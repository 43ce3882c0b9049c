/*
 * link: a connection to the writer on which many submissions are under way at once.
 *
 * Nothing here waits, except link_open(): who owns the loop polls link_fd() and calls
 * link_serve().  A connection that ends is noticed there; what was under way is then for
 * the owner to send again.
 */
#ifndef MESHER_INGEST_LINK_H
#define MESHER_INGEST_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "wire/frame.h"

struct link {
    const char *path; /* kept; "": there is no writer */
    int fd;           /* -1: not connected */
    uint32_t tag;
    struct buf in, out;
};

/* Called for each answer; the frame is good during the call. */
typedef void link_on_frame(void *context, const struct frame *f);

/* Not connected yet. */
void link_init(struct link *l, const char *path);

/* Closes the connection and frees the memory. */
void link_release(struct link *l);

/* Connects, and attaches for project; again: it was let in before.  Waits timeout_ms for
 * the answer and sets *attached.  Returns 0, or -1 with ERROR_UNAVAILABLE: nobody is
 * there. */
int link_open(struct link *l, int64_t project, bool again, int64_t timeout_ms,
              enum frame_attached *attached, struct error *e) MUST_CHECK;

/* Closes the connection; what was not sent is forgotten. */
void link_close(struct link *l);

/* Sets a new tag in a whole frame and queues a copy of it.  Gives the tag. */
uint32_t link_send(struct link *l, struct buf *frame);

/* The events to poll for on l->fd. */
short link_events(const struct link *l) MUST_CHECK;

/* Writes and reads what can be without waiting.  Returns 0, or -1 when the connection
 * ended (and is closed). */
int link_serve(struct link *l, link_on_frame *on_frame, void *context) MUST_CHECK;

#endif
