/*
 * submit_writer: a responder's connection to the writer.
 */
#ifndef MESHER_SUBMIT_SUBMIT_WRITER_H
#define MESHER_SUBMIT_SUBMIT_WRITER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compat.h"
#include "base/error.h"
#include "wire/frame.h"

enum submit_writer_result {
    SUBMIT_WRITER_ANSWERED,
    SUBMIT_WRITER_ABSENT, /* nothing listens at the socket */
    SUBMIT_WRITER_SILENT  /* no answer in time, or an invalid one */
};

struct submit_writer {
    const char *path; /* kept */
    int64_t timeout_ms;
    int fd; /* -1: not connected */
    uint32_t tag;
    struct buf in;
};

/* Initialises w, not connected.  Each wait for the writer lasts at most timeout_ms. */
void submit_writer_init(struct submit_writer *w, const char *path, int64_t timeout_ms);

/* Closes the connection. */
void submit_writer_release(struct submit_writer *w);

/* Returns a tag that no frame of this connection has used. */
uint32_t submit_writer_tag(struct submit_writer *w) MUST_CHECK;

/* Sends the frame (with tag) and waits for the answer of this type; its body is valid
 * until the next call.  If the connection ends first, reconnects and sends the frame
 * again, a submission with FRAME_AGAIN.  e is set unless ANSWERED. */
enum submit_writer_result submit_writer_ask(struct submit_writer *w, struct buf *frame,
                                            uint32_t tag, enum frame_type answer,
                                            struct str *body, struct error *e) MUST_CHECK;

/* Sends a whole frame that has no answer.  Returns 0, or -1 when it could not be
 * delivered. */
int submit_writer_tell(struct submit_writer *w, const struct buf *frame) MUST_CHECK;

#endif
