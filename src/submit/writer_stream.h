/*
 * writer_stream: a connection to the writer with many submissions under way at once.
 *
 * Only writer_stream_open() waits: the owner of the loop polls the descriptor and calls
 * writer_stream_serve(), which also detects the end of the connection; the owner must
 * then send pending submissions again.
 */
#ifndef MESHER_SUBMIT_WRITER_STREAM_H
#define MESHER_SUBMIT_WRITER_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "wire/frame.h"

struct writer_stream {
    const char *path; /* kept; "": there is no writer */
    int fd;           /* -1: not connected */
    uint32_t tag;
    struct buf in, out;
};

/* Called for each answer; the frame is valid during the call. */
typedef void writer_stream_on_frame(void *context, const struct frame *f);

/* Initialises l, not connected. */
void writer_stream_init(struct writer_stream *l, const char *path);

/* Closes the connection and frees the memory. */
void writer_stream_release(struct writer_stream *l);

/* Connects and attaches for project; again: it was accepted before.  Waits timeout_ms for
 * the answer and sets *attached.  Returns 0, or -1 with ERROR_UNAVAILABLE when there is
 * no writer. */
int writer_stream_open(struct writer_stream *l, int64_t project, bool again,
                       int64_t timeout_ms, enum frame_attached *attached,
                       struct error *e) MUST_CHECK;

/* Closes the connection; discards unsent frames. */
void writer_stream_close(struct writer_stream *l);

/* Sets a new tag in a whole frame and queues a copy of it.  Returns the tag. */
uint32_t writer_stream_send(struct writer_stream *l, struct buf *frame);

/* Returns the events to poll for on l->fd. */
short writer_stream_events(const struct writer_stream *l) MUST_CHECK;

/* Writes and reads as much as is possible without waiting.  Returns 0, or -1 when the
 * connection ended (and is closed). */
int writer_stream_serve(struct writer_stream *l, writer_stream_on_frame *on_frame,
                        void *context) MUST_CHECK;

#endif
